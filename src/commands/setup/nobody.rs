//! No key that the policy takes for a person's: what was seen, and what the administrator needs to mend that.

use super::Outcome;
use crate::{
    client::{
        Desk, Trouble,
        keys::{Candidate, Candidates},
        signer::{Unfit, person_of},
    },
    model::{Holder, Mend, text::escape},
    report,
};

/// Keys that are listed.
const LISTED: usize = 10;

pub(super) fn told(desk: &Desk, candidates: &Candidates) -> Result<Outcome, Trouble> {
    let seen: Vec<(&Candidate, Unfit)> = candidates
        .found
        .iter()
        .filter_map(|key| Some((key, person_of(&desk.policy, &key.signer.fingerprint(), desk.now).err()?)))
        .collect();
    let mut place: Vec<String> = seen.iter().take(LISTED).map(|(key, unfit)| line(key, unfit)).collect();
    place.extend(candidates.doubts.iter().cloned());
    place.push(format!("the policy: {}", desk.policy_from));
    // An ended key is no use to anybody; a service's is not theirs.
    let Some((fresh, _)) = seen.iter().find(|(_, unfit)| *unfit == Unfit::Unknown) else {
        let mut trouble = Trouble::failed("there is no SSH key here that the policy takes for yours");
        trouble.place = place;
        return Err(trouble
            .at("looked at git's settings, at the agent, and at ~/.ssh")
            .say("make one, and run this again:")
            .run(["ssh-keygen", "-t", "ed25519"]));
    };
    let (words, wanted) = wanted(desk, fresh)?;
    let publish = ["countersign", "policy", "publish", "REPO.git"].map(ToOwned::to_owned).into();
    let listed = "where it is listed by now, clones see an older policy: the administrator runs";
    let mend = [Mend::Say(listed.to_owned()), Mend::Run(publish), Mend::Say(words)];
    let headline = "the policy does not know the keys that are here; nothing was changed";
    let stderr = report::text::advice(headline, &place, &mend) + &format!("\n{}\n", escape(&wanted));
    Ok(Outcome { stderr, status: 3, ..Outcome::default() })
}

/// What is wrong with what git is set up with, where another key is taken.
pub(super) fn passed_over(desk: &Desk, taken: &Candidate, candidates: &Candidates) -> Vec<String> {
    let others = candidates.found.iter().take_while(|key| key.place != taken.place);
    let set = others.filter(|key| key.setting.is_none()).filter_map(|key| {
        let unfit = person_of(&desk.policy, &key.signer.fingerprint(), desk.now).err()?;
        Some(line(key, &unfit))
    });
    set.chain(candidates.doubts.iter().cloned()).collect()
}

fn line(key: &Candidate, unfit: &Unfit) -> String {
    let why = match unfit {
        Unfit::Unknown => "is not listed".to_owned(),
        Unfit::Service(service) => format!("is that of service {service}"),
        Unfit::Ended(why) => why.clone(),
    };
    format!("the key {} {why}: {}", key.place, key.signer.fingerprint())
}

/// The line of the policy, for whoever edits it.
fn wanted(desk: &Desk, key: &Candidate) -> Result<(String, String), Trouble> {
    let email = desk.clone.config("user.email")?;
    let key = toml(&public_line(key));
    if let Some(Holder::Person(person)) = email.as_deref().and_then(|email| desk.policy.holder_of_email(email))
        && let Some(person) = desk.policy.person(person)
    {
        let words = format!("else send this to the administrator, for the keys of {} in the policy:", person.id);
        return Ok((words, key));
    }
    let email = email.unwrap_or_else(|| String::from("YOUR@EMAIL"));
    let id: String = email.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let id = if id.is_empty() { "you" } else { &id };
    let words = String::from("else send this to the administrator, for [people] of the policy:");
    Ok((words, format!("{id} = {{ emails = [{}], keys = [{key}] }}", toml(&email))))
}

/// As in a `.pub` file. The comment stays where it is plain.
fn public_line(key: &Candidate) -> String {
    let line = key.signer.public.to_openssh().unwrap_or_default();
    let plain = line.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if plain { line } else { line.split(' ').take(2).collect::<Vec<_>>().join(" ") }
}

/// A string of TOML (toml.io, "String").
fn toml(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
