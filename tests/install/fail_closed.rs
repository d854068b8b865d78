//! Without its program every hook refuses, and says what the administrator must do.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use crate::stage::{Stage, source};

type Breakage = (&'static str, fn(&Path));

const BREAKAGES: &[Breakage] = &[
    ("missing", |program| fs::remove_file(program).unwrap()),
    ("not executable", |program| fs::set_permissions(program, fs::Permissions::from_mode(0o644)).unwrap()),
    ("empty", |program| fs::write(program, "").unwrap()),
    ("a folder", |program| {
        fs::remove_file(program).unwrap();
        fs::create_dir(program).unwrap();
    }),
    ("a link to nowhere", |program| {
        fs::remove_file(program).unwrap();
        symlink("/nowhere", program).unwrap();
    }),
    ("for another machine", |program| fs::write(program, b"\x7fELF\x01\x02").unwrap()),
    ("without its interpreter", |program| fs::write(program, "#!/nowhere/sh\n").unwrap()),
    ("zeros after a crash", |program| fs::write(program, [0; 5000]).unwrap()),
];

#[test]
fn a_push_is_refused_without_the_program() {
    for (how, breakage) in BREAKAGES {
        let stage = Stage::new().with_history();
        stage.install(&[]).accepted("checked");
        breakage(&stage.root().join("it's a prefix/bin/countersign"));
        let words = stage.push("refs/heads/free");
        words.refused("pre-receive hook declined");
        assert!(
            words.text.contains("remote: countersign: this server cannot run its pre-receive hook"),
            "{how}: {words:?}"
        );
        assert!(words.text.contains("$ ./install.sh REPO.git"), "{how}: {words:?}");
    }
}

#[test]
fn a_chained_push_is_refused_without_the_program() {
    for (_, breakage) in BREAKAGES {
        let stage = Stage::new().with_history();
        stage.hook("pre-receive", "#!/bin/sh\nexit 0\n", 0o755);
        stage.install(&[]).accepted("checked");
        breakage(&stage.root().join("it's a prefix/bin/countersign"));
        stage.push("refs/heads/free").refused("remote: countersign: this server cannot run its pre-receive hook");
    }
}

/// `sh` is bash on some servers, where a failed `exec` ends the script before any trap.
#[test]
fn every_hook_fails_in_every_shell() {
    let stage = Stage::new();
    for (how, breakage) in BREAKAGES {
        for shell in ["dash", "bash"] {
            for hook in ["pre-receive", "update", "post-receive"] {
                let program = stage.root().join("program");
                stage.write("program", "#!/bin/sh\nexit 0\n", 0o755);
                breakage(&program);
                let text = fs::read_to_string(source("hooks").join(hook)).unwrap();
                let text = text.replace("/usr/local/bin/countersign", program.to_str().unwrap());
                stage.write("hook", &text, 0o755);
                let output = stage.sterile(shell).arg("./hook").output().unwrap();
                assert!(!output.status.success(), "{shell} {hook}: {how}: {output:?}");
                fs::remove_file(&program).or_else(|_| fs::remove_dir(&program)).unwrap_or_default();
            }
        }
    }
}

#[test]
fn a_program_that_runs_decides() {
    let stage = Stage::new();
    for (status, succeeds) in [(0, true), (1, false), (70, false)] {
        stage.write("program", &format!("#!/bin/sh\nexit {status}\n"), 0o755);
        for hook in ["pre-receive", "update", "post-receive"] {
            let text = fs::read_to_string(source("hooks").join(hook)).unwrap();
            let program = stage.root().join("program");
            stage.write("hook", &text.replace("/usr/local/bin/countersign", program.to_str().unwrap()), 0o755);
            let output = stage.sterile("./hook").output().unwrap();
            assert_eq!(output.status.success(), succeeds, "{hook} {status}");
            assert!(output.stderr.is_empty(), "{hook} {status}: {output:?}");
        }
    }
}
