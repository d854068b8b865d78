//! A hook that stood there before and countersign's: both are told everything, and both must accept.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::stage::Stage;

/// Writes down what it was told, beside what the judge was told, and ends as `$1.d` says.
const EARLIER: &str = r#"#!/bin/sh
[ "${0##*/}" != update.before-countersign ] || { echo "earlier update $*" >>../site/told; exit 0; }
name=${0##*/}
while read -r old new ref; do
	echo "earlier ${name%.before-countersign} $new $ref" >>../site/told
	[ "$ref" != refs/heads/frozen ] || { echo 'frozen until Monday' >&2; exit 1; }
done
"#;

fn chained() -> Stage {
    let stage = Stage::new().with_history();
    for hook in ["pre-receive", "update", "post-receive"] {
        stage.hook(hook, EARLIER, 0o755);
    }
    stage.install(&[]).accepted("checked");
    fs::remove_file(stage.root().join("site/told")).unwrap();
    stage
}

#[test]
fn both_are_told_the_same() {
    let stage = chained();
    stage.push("refs/heads/free").accepted("");
    let new = stage.git(&["-C", "clone", "rev-parse", "HEAD"]);
    let (new, zero) = (new.trim(), "0".repeat(40));
    let told = [
        format!("judge pre-receive {new} refs/heads/free\n"),
        format!("earlier pre-receive {new} refs/heads/free\n"),
        format!("judge update SITE refs/heads/free {zero} {new}\n"),
        format!("earlier update refs/heads/free {zero} {new}\n"),
        format!("judge post-receive {new} refs/heads/free\n"),
        format!("earlier post-receive {new} refs/heads/free\n"),
    ];
    let site = stage.root().join("site");
    let site = fs::canonicalize(site).unwrap();
    assert_eq!(stage.told().replace(site.to_str().unwrap(), "SITE"), told.concat());
}

#[test]
fn what_the_earlier_hook_refuses_is_refused() {
    let stage = chained();
    stage.push("refs/heads/frozen").refused("frozen until Monday");
}

#[test]
fn what_countersign_refuses_never_reaches_the_earlier_hook() {
    let stage = chained();
    stage.push("refs/heads/main").refused("error[direct-push]");
    assert!(!stage.told().contains("earlier"), "{}", stage.told());
}

#[test]
fn the_self_check_never_reaches_the_earlier_hook() {
    let stage = chained();
    stage.install(&[]).accepted("checked");
    assert!(!stage.told().contains("earlier"), "{}", stage.told());
}

#[test]
fn a_lost_part_of_the_chain_refuses() {
    for part in ["pre-receive.before-countersign", "pre-receive.countersign"] {
        let stage = chained();
        fs::remove_file(stage.at("hooks").join(part)).unwrap();
        stage.push("refs/heads/free").refused("pre-receive hook declined");
    }
}

/// Some tools write their hooks anew. What they wrote is not thrown away, and neither is what was here first.
#[test]
fn a_chain_that_was_overwritten_is_told_and_not_guessed_at() {
    let stage = chained();
    stage.hook("pre-receive", "#!/bin/sh\nexit 0\n", 0o755);
    let before = stage.snapshot();
    stage.install(&[]).refused("was replaced, and countersign no longer runs");
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn a_hook_that_was_off_stays_off() {
    let stage = Stage::new().with_history();
    stage.hook("pre-receive", "#!/bin/sh\nexit 1\n", 0o644);
    stage.install(&[]).accepted("was not executable; git never ran it");
    stage.push("refs/heads/free").accepted("");
    let mode = fs::metadata(stage.at("hooks/pre-receive.before-countersign")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}
