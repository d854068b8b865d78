//! What a ref may be called, whether or not a rule covers it.

use countersign::model::{Code, RefName, evidence::Movement};
use expect_test::expect;

use super::fixture::{
    self, Push, advance, branch, guard_rule, lenient, moves, object, open_guard, pattern, review_rule,
};

/// A new ref, at some commit, whose name no rule need cover.
fn created(name: &str) -> Push {
    let mut about = moves("topic", None, Some(object(1)), Movement::Create);
    about.update.name = RefName::new(name).expect("a name that git lets through");
    about.moves = about.update.name.clone();
    Push::of(about)
}

fn deleted(name: &str) -> Push {
    created(name).with(|push| {
        push.about().update.old = push.about().update.new.take();
        push.about().movement = Some(Movement::Delete);
    })
}

#[test]
fn a_name_that_is_only_a_name_passes() {
    for name in [
        "refs/heads/topic",
        "refs/heads/größe",
        "refs/heads/日本語",
        "refs/heads/mainline",
        "refs/heads/topic/main",
        "refs/heads/headroom",
        "refs/heads/fix-head/HEADS",
        "refs/heads/refsheet",
        "refs/heads/0123456789abcdef0123456789abcdef0123456",
        "refs/heads/a-name-as-long-as-an-id-and-not-one-at-a",
        "refs/heads/$(touch${IFS}x)",
        "refs/notes/commits",
        "refs/notes/countersigned",
        "refs/replaced/x",
        "refs/tags/v1",
    ] {
        created(name).finds(&[]);
    }
}

#[test]
fn reserved_ref() {
    for name in [
        "refs/replace/9fceb02d0ae598e95dc970b74767f19372d61af8",
        "refs/Replace/9fceb02d0ae598e95dc970b74767f19372d61af8",
        "refs/meta/config",
        "refs/countersign/reviews/x",
        "refs/notes/countersign",
        "refs/notes/countersign/x",
        "refs/notes/COUNTERSIGN",
    ] {
        created(name).finds(&["error reserved-ref"]);
        deleted(name).finds(&["error reserved-ref"]);
    }
    created("refs/replace/9fceb02").reads(
        Code::ReservedRef,
        expect![[r#"
        error[reserved-ref]: `refs/replace/9fceb02` is closed: it would let one object stand for another
          headline: refs/replace/ is closed to pushes; nothing was changed
          - leave this ref out of the push
    "#]],
    );
}

#[test]
fn a_free_name_on_a_symbolic_ref_into_a_reserved_place_is_reserved() {
    let push = created("refs/heads/alias").with(|push| {
        push.about().moves = RefName::new("refs/replace/x").expect("a name");
    });
    push.finds(&["error reserved-ref"]);
}

#[test]
fn confusing_ref() {
    for name in [
        "refs/heads/HEAD",
        "refs/tags/Head",
        "refs/heads/9fceb02d0ae598e95dc970b74767f19372d61af8",
        "refs/heads/9fceb02d0ae598e95dc970b74767f19372d61af89fceb02d0ae598e95dc970b7",
        "refs/heads/-dash",
        "refs/tags/-v1",
        "refs/heads/to\u{202e}pic",
        "refs/heads/to\u{200b}pic",
        "refs/heads/to\u{1b}[2Jpic",
        "refs/heads/refs/heads/main",
        "refs/heads/Refs/x",
        "refs/heads/refs",
        "refs/tags/refs/heads/main",
        "refs/refs/heads/main",
    ] {
        created(name).finds(&["error confusing-ref"]);
    }
    created("refs/heads/-dash").reads(
        Code::ConfusingRef,
        expect![[r#"
            error[confusing-ref]: `refs/heads/-dash` begins with a dash, so commands take it for an option
              headline: a ref has a confusing name; nothing was changed
              - push it under another name:
              $ git push origin refs/heads/-dash:refs/heads/NEW-NAME
        "#]],
    );
}

#[test]
fn a_tag_stays_a_tag_under_its_other_name() {
    let cure = |name: &str| {
        let found = fixture::render(&created(name).decision(), None);
        found.lines().find_map(|line| line.trim().strip_prefix("$ git push origin ")).unwrap_or_default().to_owned()
    };
    assert_eq!(cure("refs/heads/-x"), "refs/heads/-x:refs/heads/NEW-NAME");
    assert_eq!(cure("refs/tags/-x"), "refs/tags/-x:refs/tags/NEW-NAME");
    assert_eq!(cure("refs/refs/x"), "refs/refs/x:refs/heads/NEW-NAME");
}

#[test]
fn a_name_that_looks_like_a_protected_one_is_confusing() {
    for name in ["refs/heads/Main", "refs/heads/MAIN", "refs/Heads/main", "refs/heads/mаin", "refs/heads/Mаin"] {
        created(name).finds(&["error confusing-ref"]);
    }
    created("refs/heads/Main").reads(
        Code::ConfusingRef,
        expect![[r#"
            error[confusing-ref]: `refs/heads/Main` looks like `main`, which [review.main] protects
              headline: a ref has a confusing name; nothing was changed
              - push it under another name:
              $ git push origin refs/heads/Main:refs/heads/NEW-NAME
        "#]],
    );
}

#[test]
fn a_name_that_a_wildcard_covers_can_still_look_like_another() {
    let guarded = |name: &str| created(name).with(|push| push.policy.rules.push(guard_rule("**", open_guard())));
    guarded("refs/heads/topic").finds(&[]);
    guarded("refs/heads/Main").finds(&["error confusing-ref"]);
}

#[test]
fn a_name_that_a_pattern_excepts_does_not_look_like_what_it_covers() {
    let with_releases = |name: &str| {
        created(name).with(|push| {
            let mut rule = review_rule("release/*", lenient());
            rule.except = vec![pattern("refs/heads/release/tmp-*"), pattern("refs/heads/Release/old")];
            push.policy.rules.push(rule);
        })
    };
    with_releases("refs/heads/release/tmp-1").finds(&[]);
    with_releases("refs/heads/Release/old").finds(&[]);
    with_releases("refs/heads/Release/tmp-1").finds(&["error confusing-ref"]);
    with_releases("refs/heads/Release/1").finds(&["error confusing-ref"]);
    with_releases("refs/heads/re1ease/1").finds(&["error confusing-ref"]);
}

#[test]
fn a_confusing_name_can_be_deleted() {
    deleted("refs/heads/HEAD").finds(&[]);
    deleted("refs/heads/Main").finds(&[]);
    deleted("refs/heads/to\u{202e}pic").finds(&[]);
}

#[test]
fn a_name_is_judged_on_both_sides_of_a_symbolic_ref() {
    let onto = |name: &str, moved: &str| {
        created(name).with(|push| push.about().moves = RefName::new(moved).expect("a name"))
    };
    onto("refs/heads/alias", "refs/heads/topic").finds(&[]);
    onto("refs/heads/alias", "refs/heads/Main").finds(&["error confusing-ref"]);
    onto("refs/heads/Main", "refs/heads/topic").finds(&["error confusing-ref"]);
}

#[test]
fn shadowing_ref() {
    let shadows = |push: &mut Push| push.about().shadows = Some(branch("main"));
    created("refs/tags/main").with(shadows).finds(&["error shadowing-ref"]).reads(
        Code::ShadowingRef,
        expect![[r#"
            error[shadowing-ref]: `refs/tags/main` and `refs/heads/main` answer to the same short name
              headline: main would hide another ref; nothing was changed
              at: whoever writes `main` would get one and mean the other
              - choose another name, then push it again
        "#]],
    );
    deleted("refs/tags/main").with(shadows).finds(&[]);
    created("refs/tags/v1").finds(&[]);
}

#[test]
fn an_alias_of_a_protected_branch_is_judged_as_that_branch() {
    let through_alias = |push: &mut Push| push.about().update.name = branch("alias");
    Push::honest().with(through_alias).passes();
    let direct = Push::of(advance("main", 0xa0, vec![fixture::plain_step(1, 0xa0)]));
    direct.with(through_alias).finds(&["error direct-push"]);
}
