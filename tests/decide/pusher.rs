//! Whose account may push.

use countersign::model::{
    Code, PersonId, ServiceId,
    evidence::{Movement, Pusher},
    policy::{Guard, Who},
};
use expect_test::expect;

use super::fixture::{MERGE, OLD, Push, guard_rule, moves, object, open_guard, role};

/// The honest push, from this account, where developers may push.
fn from(pusher: Pusher) -> Push {
    Push::honest().with(|push| {
        push.review().push = Some(role("developers"));
        push.evidence.pusher = pusher;
    })
}

fn dana() -> Pusher {
    Pusher::Person(PersonId(3))
}

#[test]
fn an_account_of_the_role_may_push() {
    from(Pusher::Person(PersonId(0))).passes();
    from(dana()).with(|push| push.review().push = Some(Who::Anyone)).passes();
}

#[test]
fn not_a_pusher() {
    let refused = ["error not-a-pusher", "note reviewed"];
    from(dana()).finds(&refused).reads(
        Code::NotAPusher,
        expect![[r#"
        error[not-a-pusher]: Dana Diaz is not one of those who may push here
          headline: this account may not push to main; nothing was changed
          asked by: policy.toml:35 [review.main]
          - ask Alice Archer, Bob Brown, Carol Chu to push it
    "#]],
    );
    from(Pusher::Service(ServiceId(1))).finds(&refused).reads(
        Code::NotAPusher,
        expect![[r#"
        error[not-a-pusher]: `gitea` is a service, and people push here
          headline: this account may not push to main; nothing was changed
          asked by: policy.toml:35 [review.main]
          - ask Alice Archer, Bob Brown, Carol Chu to push it
    "#]],
    );
    from(Pusher::Unlisted("gitea:99".to_owned())).finds(&refused).reads(
        Code::NotAPusher,
        expect![[r#"
        error[not-a-pusher]: `gitea:99` is not an account of the policy
          headline: this account may not push to main; nothing was changed
          asked by: policy.toml:35 [review.main]
          - ask Alice Archer, Bob Brown, Carol Chu to push it
    "#]],
    );
}

#[test]
fn anyone_of_the_policy_is_somebody_of_the_policy() {
    let anyone = |pusher| from(pusher).with(|push| push.review().push = Some(Who::Anyone));
    anyone(Pusher::Unlisted("gitea:99".to_owned())).finds(&["error not-a-pusher", "note reviewed"]);
    anyone(Pusher::Service(ServiceId(1))).finds(&["error not-a-pusher", "note reviewed"]);
    anyone(Pusher::Unknown).finds(&["error unknown-pusher", "note reviewed"]);
}

#[test]
fn unknown_pusher() {
    from(Pusher::Unknown).finds(&["error unknown-pusher", "note reviewed"]).reads(
        Code::UnknownPusher,
        expect![[r#"
            error[unknown-pusher]: a rule asks who is pushing, and nothing says who
              headline: the server does not know who is pushing; nothing was changed
              asked by: policy.toml:35 [review.main]
              - ask the administrator to set countersign.identity in the repository's git config,
              - for an ssh server with ExposeAuthInfo:
              $ git -C REPO.git config countersign.identity ssh-key
        "#]],
    );
    Push::honest().with(|push| push.evidence.pusher = Pusher::Unknown).passes();
}

#[test]
fn a_guard_asks_who_pushes_too() {
    let guarded = |pusher| {
        Push::of(moves("topic", Some(object(OLD)), Some(object(MERGE)), Movement::Advance)).with(|push| {
            push.policy.rules.push(guard_rule("**", Guard { push: Some(role("developers")), ..open_guard() }));
            push.evidence.pusher = pusher;
        })
    };
    guarded(Pusher::Person(PersonId(0))).finds(&[]);
    guarded(dana()).finds(&["error not-a-pusher"]);
    guarded(Pusher::Unknown).finds(&["error unknown-pusher"]);
}

/// Who pushes is asked for every movement, also for one that is refused anyway.
#[test]
fn who_pushes_is_asked_whatever_moves() {
    let push = Push::of(moves("main", Some(object(OLD)), None, Movement::Delete)).with(|push| {
        push.review().push = Some(role("developers"));
        push.evidence.pusher = dana();
    });
    push.finds(&["error deleted", "error not-a-pusher"]);
}

/// Two rules that find the same thing say it once.
#[test]
fn the_same_finding_of_two_rules_is_told_once() {
    let push = from(dana()).with(|push| {
        push.policy.rules.push(guard_rule("**", Guard { push: Some(role("developers")), ..open_guard() }));
    });
    push.finds(&["error not-a-pusher", "note reviewed"]);
}
