//! `git countersign attest`: a CI job tells what a check came to.

use super::stage::{ends, said, scene_with, server, write};
use crate::scene::{Desk, Scene};

const CHECKED: &str = "[review.main]\nchecks = [\"ci/test\"]\n";

/// A topic of Alice's that Bob approved, on a server whose `main` asks for `ci/test`.
fn topic() -> Scene {
    let scene = scene_with(CHECKED);
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    bob.run("git countersign approve topic --yes --stat");
    scene
}

/// A job's clone of one commit.
fn job(scene: &Scene) -> Desk<'_> {
    let ci = Desk::cloned(scene, "ci", "--depth 1 --branch topic");
    assert_eq!(ci.run("git rev-parse --is-shallow-repository"), "true");
    ci
}

/// Where the results of a commit stand.
fn checks(scene: &Scene) -> Vec<String> {
    scene.server.refs().into_keys().filter(|name| name.starts_with("refs/countersign/checks/")).collect()
}

#[test]
fn a_job_in_a_shallow_clone_opens_the_gate_and_closes_it_again() {
    let scene = topic();
    let (alice, ci) = (Desk::of_again(&scene, "alice"), job(&scene));
    let head = ci.run("git rev-parse HEAD");
    let short = ci.run("git rev-parse --short=7 HEAD");
    let no = ends(&alice, 1, "git countersign merge topic --push --no-edit");
    assert!(no.contains("main does not take topic yet: `ci/test` has no result for"), "{no}");
    assert!(no.contains("$ git countersign attest ci/test"), "{no}");
    let yes = ends(&ci, 0, "git countersign attest ci/test --pass --url https://ci.example.org/7");
    assert_eq!(yes, format!("countersign: ci/test passed for {short}, says ci\n"));
    assert_eq!(checks(&scene), [format!("refs/countersign/checks/{head}/ci+test/ci")]);
    // Still a clone of one commit.
    assert_eq!(ci.run("git rev-list --all --count"), "1");
    let failed = ends(&ci, 0, "git countersign attest ci/test --fail --url https://ci.example.org/8");
    assert_eq!(failed, format!("countersign: ci/test failed for {short}, says ci\n"));
    let no = ends(&alice, 1, "git countersign merge topic --push --no-edit");
    assert!(no.contains("`ci/test` failed for") && no.contains("https://ci.example.org/8"), "{no}");
    ends(&ci, 0, "git countersign attest ci/test HEAD --pass");
    ends(&alice, 0, "git countersign merge topic --push --no-edit");
}

#[test]
fn everybody_sees_what_is_missing() {
    let scene = topic();
    let (bob, ci) = (Desk::of_again(&scene, "bob"), job(&scene));
    let missing = "main: 1 of 1 approvals (Bob Brown)\n  main: `ci/test` has no result for";
    let page = ends(&bob, 0, "git countersign reviews topic");
    assert!(page.contains(missing) && page.contains("can attest: ci"), "{page}");
    let line = bob.run("git countersign reviews topic --format json");
    assert!(line.contains(r#""ready":false"#) && line.contains(r#""code":"missing-check""#), "{line}");
    ends(&ci, 0, "git countersign attest ci/test --pass");
    let page = ends(&bob, 0, "git countersign reviews topic");
    assert!(page.contains("main: 1 of 1 approvals (Bob Brown); nothing is missing"), "{page}");
    let line = bob.run("git countersign reviews topic --format json");
    assert!(line.contains(r#""ready":true"#) && line.contains(r#""checks":[]"#), "{line}");
}

/// Who approves need not wait for the machines.
#[test]
fn an_approval_does_not_wait_for_a_check() {
    let scene = scene_with(CHECKED);
    let [alice, bob] = ["alice", "bob"].map(|who| Desk::of(&scene, who));
    write(&alice, "topic", "a.txt", "text\n");
    let page = ends(&bob, 0, "git countersign approve topic --yes --stat");
    assert!(page.contains("approved") && page.contains("main: `ci/test` has no result for"), "{page}");
}

/// A job knows a URL, a commit, and has a key in a file without its public half.
#[test]
fn a_url_a_commit_and_a_key_are_enough() {
    let scene = topic();
    let ci = job(&scene);
    let head = ci.run("git rev-parse HEAD");
    let url = ci.run("git config remote.origin.url");
    ci.run("rm -f ~/.ssh/id_ed25519.pub && mkdir ~/job && git init -q ~/job");
    let in_job = |line: &str| format!("cd ~/job && {line}");
    ci.run(&in_job(&format!("git remote add origin {url} && git fetch -q --depth 1 origin {head}")));
    let attest = format!("git countersign attest ci/test {head} --pass --key ~/.ssh/id_ed25519");
    ends(&ci, 0, &in_job(&attest));
    assert_eq!(checks(&scene).len(), 1);
    // It was fetched by its id, and is what the user fetched last.
    assert_eq!(ci.run(&in_job("git rev-parse FETCH_HEAD")), head);
}

#[test]
fn a_clone_without_trees_is_enough() {
    let scene = topic();
    scene.git_ok(&scene.server.path, &["config", "uploadpack.allowFilter", "true"]);
    let ci = Desk::cloned(&scene, "ci", "--filter=tree:0 --no-checkout --branch topic");
    ends(&ci, 0, "git countersign attest ci/test --pass");
    assert_eq!(checks(&scene).len(), 1);
}

#[test]
fn what_the_server_would_refuse_is_said_before() {
    let scene = topic();
    let (ci, bob) = (job(&scene), Desk::of_again(&scene, "bob"));
    let no = |desk: &Desk<'_>, status: i32, line: &str, words: &str| {
        let said = ends(desk, status, &format!("git countersign attest {line}"));
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{line}\n{said}");
        assert!(!said.contains("remote:"), "{line}\n{said}");
        assert_eq!(checks(&scene), Vec::<String>::new(), "{line}");
    };
    no(&bob, 1, "ci/test origin/topic --pass", "the key here is Bob Brown's, and results are signed by services");
    no(&ci, 1, "ci/lint --pass", "service ci does not attest ci/lint");
    no(&ci, 3, "ci/test nowhere --pass", "this clone has no commit that is called `nowhere`");
    no(&ci, 3, "'ci test' --pass", "`ci test` is no name of a check");
    no(&ci, 3, "ci/test --pass --url 'javascript:alert(1)'", "is no address that a statement can name");
    no(&ci, 3, "ci/test --pass --url 'https://example.org/a b'", "is no address that a statement can name");
    no(&ci, 3, "ci/test --pass --key ~/nowhere", "which is not there");
    no(&ci, 2, "ci/test", "--pass");
    no(&ci, 2, "ci/test --pass --fail", "cannot be used with");
    ci.run("ssh-keygen -q -t ed25519 -N '' -f ~/other");
    no(&ci, 1, "ci/test --pass --key ~/other", "the policy does not know the key that signs here");
    ends(&ci, 0, "git countersign attest ci/test --pass");
    assert_eq!(checks(&scene).len(), 1);
}

/// A commit of the job's own: only the server knows that it does not have it.
#[test]
fn the_server_says_that_it_has_no_such_commit() {
    let scene = topic();
    let ci = job(&scene);
    ci.run("git -c user.signingKey= commit -q --no-gpg-sign --allow-empty -m 'of the job alone'");
    let said = ends(&ci, 1, "git countersign attest ci/test --pass");
    assert!(said.contains("void-check") && said.contains("the server has no commit"), "{said}");
    assert_eq!(checks(&scene), Vec::<String>::new());
}

#[test]
fn a_job_that_lost_a_race_tries_again() {
    let scene = topic();
    let ci = job(&scene);
    ends(&ci, 0, "git countersign attest ci/test --fail");
    let place = &checks(&scene)[0];
    let here = place.replace("refs/countersign/", "refs/countersign/remotes/origin/");
    // What this clone knows is what was there before.
    ci.run(&format!("git update-ref -d {here}"));
    let before = server(&scene, place);
    ends(&ci, 0, "git countersign attest ci/test --pass --offline");
    assert_ne!(server(&scene, place), before);
    let blob = ci.run(&format!("git cat-file blob {here}"));
    assert!(blob.contains("\n verdict pass\n"), "{blob}");
    // Of two in one second, the second is later all the same.
    ends(&ci, 0, "git countersign attest ci/test --pass && git countersign attest ci/test --fail");
}

#[test]
fn what_is_printed_can_be_pushed_by_git_alone() {
    let scene = topic();
    let ci = job(&scene);
    let printed = ci.run("git countersign attest ci/test --pass --url https://ci.example.org/7 --print");
    assert_eq!(checks(&scene), Vec::<String>::new());
    let (name, text) = printed.split_once('\n').unwrap();
    assert!(text.starts_with("Checked: countersign-check-v1\n by ci\n"), "{text}");
    let blob = ci.sh("git hash-object -w --stdin", text);
    ci.run(&format!("git push -q origin {blob}:{name}"));
    assert_eq!(checks(&scene), [name]);
}

#[test]
fn where_the_server_is_not_reached_nothing_is_claimed() {
    let scene = topic();
    let ci = job(&scene);
    ci.run("git fetch -q origin refs/countersign/policy:refs/countersign/remotes/origin/policy");
    ci.run("git config remote.origin.url /nowhere");
    let (text, code) = said(&ci, "git countersign attest ci/test --pass");
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("origin was not reached; nothing was changed"), "{text}");
}

#[test]
fn a_policy_that_is_published_no_more_is_forgotten() {
    let scene = topic();
    let ci = job(&scene);
    ends(&ci, 0, "git countersign attest ci/test --pass");
    scene.git_ok(&scene.server.path, &["update-ref", "-d", "refs/countersign/policy"]);
    let said = ends(&ci, 3, "git countersign attest ci/test --pass");
    assert!(said.contains("this clone does not know the policy of origin"), "{said}");
}
