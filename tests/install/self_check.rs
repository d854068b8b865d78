//! install.sh ends with a direct push that must be refused, and lies to nobody about it.

use std::fs;

use crate::stage::{NODDER, Stage, real_program, source};

fn quarantines(stage: &Stage) -> usize {
    let objects = fs::read_dir(stage.at("objects")).unwrap();
    objects.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("tmp_")).count()
}

#[test]
fn an_open_gate_is_told_aloud() {
    let stage = Stage::new().with_history();
    // Words refuse nothing: the status does.
    stage.write("judge", &format!("{NODDER}echo 'error[direct-push]: no'\n"), 0o755);
    let before = stage.git(&["--git-dir", "payments.git", "for-each-ref"]);
    stage.install(&[]).refused("countersign: A DIRECT PUSH TO main WOULD BE ACCEPTED");
    assert_eq!(stage.git(&["--git-dir", "payments.git", "for-each-ref"]), before);
    assert_eq!(quarantines(&stage), 0);
}

#[test]
fn another_reason_to_refuse_is_no_proof() {
    let stage = Stage::new().with_history();
    let broken = "#!/bin/sh\n[ \"$1\" = --version ] && exit\necho 'error[bad-policy]: no' >&2\nexit 1\n";
    stage.write("judge", broken, 0o755);
    let words = stage.install(&[]);
    words.refused("countersign: a direct push to main is refused, but not as direct-push");
    assert!(words.text.contains("| error[bad-policy]: no"), "{words:?}");
}

#[test]
fn no_ref_moves_and_no_object_stays() {
    for stage in [Stage::new(), Stage::new().with_history()] {
        let objects = |stage: &Stage| -> Vec<_> {
            stage
                .snapshot()
                .into_keys()
                .filter(|path| path.starts_with("objects") || path.starts_with("refs"))
                .collect()
        };
        let before = objects(&stage);
        stage.install(&[]).accepted("checked");
        assert_eq!(objects(&stage), before);
    }
}

#[test]
fn the_real_program_passes() {
    let empty = Stage::new();
    empty
        .install_program(real_program(), &[])
        .accepted("checked: a direct push to main is refused (created-elsewhere)");
    let full = Stage::new().with_history();
    full.install_program(real_program(), &[]).accepted("checked: a direct push to main is refused (direct-push)");
    full.push("refs/heads/main").refused("remote: countersign: ");
    full.push("refs/heads/topic").accepted("");
}

#[test]
fn a_default_branch_of_any_name_is_protected() {
    for name in ["trunk", "release/1.0", "it's", "say-\"hi\"", "größe"] {
        let stage = Stage::new();
        stage.git(&["--git-dir", "payments.git", "symbolic-ref", "HEAD", &format!("refs/heads/{name}")]);
        stage
            .install_program(real_program(), &[])
            .accepted(&format!("checked: a direct push to {name} is refused (created-elsewhere)"));
    }
}

#[test]
fn the_demo_ends_well() {
    let stage = Stage::new();
    let mut demo = stage.sterile("sh");
    demo.arg(source("install/demo.sh")).arg(source("install.sh")).arg(real_program()).env("TMPDIR", stage.root());
    let words = crate::stage::Words::of(demo.output().unwrap());
    words.accepted("9 pushes, each as it should be");
    let left = fs::read_dir(stage.root()).unwrap();
    assert!(left.into_iter().all(|entry| !entry.unwrap().file_name().to_string_lossy().contains("demo")));
}
