//! What is said, and in which form.

use super::scene::{Scene, run_with};

#[test]
fn json_says_what_text_says() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    // The objects must be there: nothing is pushed here, the hook is asked by hand.
    scene.push().branch("topic", topic).run().accepted();
    let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
    command.args(["hook", "pre-receive", "--format", "json", "--site"]).arg(scene.path("site")).env("GIT_DIR", ".");
    let line = format!("{} {topic} refs/heads/main\n", scene.root);
    let ran = run_with(&mut command, line.as_bytes());
    assert_eq!(ran.code, Some(1));
    let said: serde_json::Value = serde_json::from_slice(&ran.err).unwrap();
    assert_eq!(said["version"], 1);
    assert_eq!(said["verdict"], "refuse");
    let finding = &said["findings"][0];
    assert_eq!(finding["code"], "direct-push");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["ref"], "refs/heads/main");
    assert_eq!(finding["asked_by"]["table"], "[review.main]");
    assert_eq!(finding["mend"][1]["run"][0], "git");
}

#[test]
fn post_receive_says_who_reviewed() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    let outcome = scene.merge("topic").approved_by("bob").push().accepted();
    outcome.says("reviewed by Bob Brown");
}

#[test]
fn a_hook_that_is_called_wrongly_refuses() {
    let scene = Scene::new();
    for words in
        [&["hook"][..], &["hook", "pre-receive"], &["hook", "post-update"], &["hook", "update", "--site", "x"], &[]]
    {
        let mut command = scene.command(env!("CARGO_BIN_EXE_countersign"), &scene.server.path);
        let ran = run_with(command.args(words).env("GIT_DIR", "."), b"");
        assert_eq!(ran.code, Some(2), "{words:?}");
    }
}

#[test]
fn a_line_that_git_would_not_write_refuses() {
    let scene = Scene::new();
    let id = scene.root.to_string();
    for line in
        [format!("{id} {id}\n"), format!("{id}  refs/heads/x\n"), format!("{id} {id} refs/heads/x"), "\n".into()]
    {
        let ran = scene.feed_hook("pre-receive", line.as_bytes());
        assert_eq!(ran.code, Some(1), "{line:?}");
        assert!(String::from_utf8_lossy(&ran.err).contains("error[could-not-judge]"), "{line:?}");
    }
}
