//! Whose account may push.

use super::case::Case;
use crate::model::{Code, Finding, evidence::Pusher, policy::Who};

pub(super) fn judge(case: &Case<'_>, push: Option<&Who>) -> Vec<Finding> {
    let Some(who) = push else { return Vec::new() };
    let branch = case.branch.short();
    let refused = |what: String| {
        let headline = format!("this account may not push to {branch}; nothing was changed");
        Finding::refusal(Code::NotAPusher, headline, what)
            .say(format!("ask {} to push it", super::approvals::people(case, who, &|_| true)))
    };
    let finding = match &case.evidence.pusher {
        Pusher::Person(person) if case.policy.is_one_of(*person, who) => return Vec::new(),
        Pusher::Person(person) => {
            let name = case.policy.person(*person).map_or("?", |person| person.called());
            refused(format!("{name} is not one of those who may push here"))
        }
        Pusher::Service(service) => {
            let name = case.policy.service(*service).map_or("?", |service| service.id.as_str());
            refused(format!("`{name}` is a service, and people push here"))
        }
        Pusher::Unlisted(account) => refused(format!("`{account}` is not an account of the policy")),
        Pusher::Unknown => {
            let headline = "the server does not know who is pushing; nothing was changed";
            Finding::refusal(Code::UnknownPusher, headline, "a rule asks who is pushing, and nothing says who")
                .say("ask the administrator to set countersign.identity in the repository's git config,")
                .say("for an ssh server with ExposeAuthInfo:")
                .run(["git", "-C", "REPO.git", "config", "countersign.identity", "ssh-key"])
        }
    };
    vec![case.found("push", finding)]
}
