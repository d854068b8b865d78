//! The second person of an emergency: signs the verdict `emergency` for exactly the merge that somebody else of the role has
//! made.

use super::Subject;
use crate::{
    client::{Desk, Me, Trouble},
    model::{Holder, text::escape},
    report,
    verify::{emergency::said, statement::Signed},
};

/// Why the rules shall be passed by, where the merge says so and a rule lets it.
pub(super) fn reason(desk: &Desk, subject: &Subject) -> Result<Option<String>, Trouble> {
    let Some(made) = subject.made else { return Ok(None) };
    let known = desk.policy.rules_for(&subject.target).any(|rule| rule.emergency().is_some());
    let said = said(&desk.store.parsed(made)?.message).filter(|said| known && said.fault.is_none());
    Ok(said.map(|said| said.reason))
}

/// An approval that makes no two people is not asked for.
pub(super) fn refuse_what_is_for_nothing(desk: &Desk, subject: &Subject, me: &Me) -> Result<(), Trouble> {
    let Some(made) = subject.made else { return Ok(()) };
    let signer = desk.read(made, false)?.signature.verified().map(|proof| proof.holder());
    if signer == Some(Holder::Person(me.person)) {
        return Err(Trouble::no("you made this merge, and an emergency takes two people"));
    }
    let mut roles = desk.policy.rules_for(&subject.target).filter_map(|rule| rule.emergency());
    match roles.find(|role| !desk.policy.is_one_of(me.person, role)) {
        None => Ok(()),
        Some(role) => {
            let could: Vec<_> = desk.policy.everyone_of(role).collect();
            let short = subject.target.short();
            Err(Trouble::no(format!("you are not among those who may call an emergency on {short}"))
                .say(format!("two of them can, together: {}", desk.names(&could))))
        }
    }
}

/// What stands above everything else that is shown.
pub(super) fn warning(subject: &Subject, reason: &str) -> String {
    let short = subject.target.short();
    let mut page =
        report::text::one_line("EMERGENCY: this is no review; what follows passes by reviews and checks");
    let says =
        format!("you sign the verdict `emergency`: with yours, one other signature is all that {short} asks for");
    page.push_str(&report::text::lines(2, [format!("reason: {reason}"), says]));
    page
}

/// What is asked before it is signed.
pub(super) fn question(subject: &Subject, reason: &str, repository: &str) -> String {
    let merge = subject.made.map(|merge| merge.short()).unwrap_or_default();
    let (target, repository) = (subject.target.short(), escape(repository));
    format!("pass by the rules of {target} of {repository} with {merge}, for `{}`?", escape(reason))
}

/// Who goes on.
pub(super) fn reply(subject: &Subject, reason: &str, signed: &Signed) -> String {
    let (short, merge) = (subject.target.short(), subject.made.map(|merge| merge.to_string()).unwrap_or_default());
    let mut page = report::text::one_line(&format!(
        "signed `emergency` for {} into {short}: {reason}",
        signed.statement.head.short()
    ));
    page.push_str(&report::text::lines(2, ["whoever made it goes on:"]));
    page.push_str(&report::text::command(&format!("git countersign merge --tree {merge} --onto {short} --push")));
    page
}
