//! Without `--binary`, install.sh builds: once, and again only after a change.

use std::process::Command;

use crate::stage::{Stage, Words};

/// Stands in for cargo: "builds" the judge where cargo puts a release.
const CARGO: &str = r#"#!/bin/sh
[ "$*" = "build --release --locked --target-dir target" ] || exit 101
mkdir -p target/release
cp ../judge target/release/countersign
"#;

fn install(stage: &Stage) -> Words {
    let path = format!("{}/bin:{}", stage.root().display(), std::env::var("PATH").unwrap());
    let mut command: Command = stage.sterile("sh");
    command.env("PATH", path).arg("checkout/install.sh");
    Words::of(command.args(["--prefix", "p", "--site", "s", "payments.git"]).output().unwrap())
}

#[test]
fn it_builds_what_is_not_built() {
    let stage = Stage::new();
    stage.checkout();
    stage.write("bin/cargo", CARGO, 0o755);
    install(&stage).accepted("built in ");
    let again = install(&stage);
    again.accepted("is up to date");
    assert!(!again.text.contains("building"), "{again:?}");
    std::thread::sleep(std::time::Duration::from_millis(20));
    stage.write("checkout/src/main.rs", "fn main() {}", 0o644);
    install(&stage).accepted("built in ");
}

#[test]
fn a_build_that_fails_installs_nothing() {
    let stage = Stage::new();
    stage.checkout();
    stage.write("bin/cargo", "#!/bin/sh\nexit 101\n", 0o755);
    let before = stage.snapshot();
    install(&stage).refused("countersign: cargo could not build countersign");
    assert_eq!(stage.snapshot(), before);
    assert!(!stage.root().join("p").exists());
}
