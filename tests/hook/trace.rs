//! The administrator's trace.

use std::{fs, path::PathBuf};

use super::scene::Scene;

fn log(scene: &Scene) -> PathBuf {
    scene.server.path.join("countersign/trace/verdicts.log")
}

fn last_line(scene: &Scene, hook: &str) -> String {
    let text = fs::read_to_string(log(scene)).unwrap();
    text.lines().rfind(|line| line.contains(&format!("hook=\"{hook}\""))).unwrap().to_owned()
}

#[test]
fn one_line_a_verdict_with_its_reason_and_its_time() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("main", topic).run().refused("direct-push");
    let line = last_line(&scene, "pre-receive");
    for part in
        ["outcome=\"refuse\"", "codes=\"error:direct-push\"", "refs/heads/main", &topic.to_string(), "micros="]
    {
        assert!(line.contains(part), "{part} in {line}");
    }
    scene.merge("topic").approved_by("bob").push().accepted();
    assert!(last_line(&scene, "pre-receive").contains("outcome=\"accept\""));
    assert!(last_line(&scene, "post-receive").contains("outcome=\"moved\""));
}

#[test]
fn a_fault_of_the_policy_is_told_to_the_administrator() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    fs::write(scene.server.path.join("countersign/policy.toml"), "version = 1\nunknown = 1\n").unwrap();
    scene.push().branch("topic", topic).run().refused("bad-policy");
    let line = last_line(&scene, "pre-receive");
    assert!(line.contains("does not load: line") && line.contains("bad-policy"), "{line}");
}

#[test]
fn nothing_from_outside_is_written_raw() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").message("\u{1b}[31mred\u{7}\u{202e}\n").make();
    scene.push().branch("topic", topic).name("refs/heads/odd\u{202e}", topic).run().refused("confusing-ref");
    let text = fs::read_to_string(log(&scene)).unwrap();
    assert!(text.contains("odd"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}')), "{text:?}");
}

#[test]
fn it_is_bounded() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("one", topic).run().accepted();
    fs::write(log(&scene), vec![b'x'; (1 << 20) + 1]).unwrap();
    scene.push().branch("two", topic).run().accepted();
    let put_aside = log(&scene).with_extension("log.1");
    assert_eq!(fs::metadata(put_aside).unwrap().len(), (1 << 20) + 1);
    assert!(fs::metadata(log(&scene)).unwrap().len() < 10_000);
}

#[test]
fn it_can_be_switched_off() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\ttrace = off");
    let topic = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", topic).run().accepted();
    assert!(!log(&scene).exists());
}

#[test]
fn on_standard_error_the_pusher_sees_it() {
    let scene = Scene::new();
    scene.server.configure("[countersign]\n\ttrace = stderr");
    let line = format!("{} {} refs/heads/main\n", scene.root, scene.root);
    let ran = scene.feed_hook("pre-receive", line.as_bytes());
    assert!(ran.ok && String::from_utf8_lossy(&ran.err).contains("outcome=\"accept\""));
}
