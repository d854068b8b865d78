//! Where install.sh cannot do what it is asked, it says why in plain words and changes nothing.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::Path,
    process::Command,
};

use crate::stage::{Stage, Words};

#[test]
fn what_is_no_bare_repository() {
    let stage = Stage::new();
    stage.git(&["init", "-q", "work"]);
    symlink("payments.git", stage.root().join("link.git")).unwrap();
    for (argument, words) in [
        ("work", "work is a work tree"),
        ("work/.git", "work/.git is not a bare repository"),
        ("payments.git/hooks", "payments.git/hooks is not a git repository"),
        ("link.git", "link.git is a link\n  name the repository itself: payments.git"),
        ("link.git/", "link.git is a link"),
        ("nowhere.git", "nowhere.git does not exist"),
        ("payments.git/config", "payments.git/config is not a folder"),
    ] {
        stage.install_at(argument).refused(&format!("countersign: {words}"));
    }
    assert!(!stage.root().join("it's a prefix").exists(), "nothing is placed before every argument is sound");
}

#[test]
fn links_that_lead_out_of_the_repository() {
    for path in ["hooks", "countersign", "objects", "config"] {
        for target in ["/nowhere", "../outside"] {
            let stage = Stage::new();
            fs::create_dir(stage.root().join("outside")).unwrap();
            if path == "config" {
                fs::copy(stage.at("config"), stage.root().join("outside.config")).unwrap();
            }
            if stage.at(path).exists() {
                fs::rename(stage.at(path), stage.root().join("moved")).unwrap();
            }
            let target = if path == "config" { "../outside.config" } else { target };
            stage.link(target, path);
            let before = stage.snapshot();
            let words = stage.install(&[]);
            words.refused("countersign: ");
            let named = words.text.contains("is a link") || words.text.contains("is not a git repository");
            assert!(named, "{path} to {target}: {words:?}");
            assert_eq!(stage.snapshot(), before);
            assert_eq!(fs::read_dir(stage.root().join("outside")).unwrap().count(), 0);
        }
    }
}

#[test]
fn hooks_that_git_takes_from_elsewhere() {
    let stage = Stage::new();
    fs::create_dir(stage.root().join("all-hooks")).unwrap();
    let config = stage.at("config");
    stage.git(&["config", "--file", config.to_str().unwrap(), "core.hooksPath", "../all-hooks"]);
    let before = stage.snapshot();
    stage.install(&[]).refused("countersign: git runs the hooks of ../all-hooks here");
    assert_eq!(stage.snapshot(), before);

    stage.git(&["config", "--file", config.to_str().unwrap(), "core.hooksPath", "hooks"]);
    stage.install(&[]).accepted("checked");
}

/// A policy for a `main` that nobody uses would leave `master` open, and look like a gate.
#[test]
fn a_default_branch_that_is_not_there() {
    let stage = Stage::new().with_history();
    stage.git(&["--git-dir", "payments.git", "branch", "-m", "main", "master"]);
    stage.git(&["--git-dir", "payments.git", "symbolic-ref", "HEAD", "refs/heads/main"]);
    let before = stage.snapshot();
    let words = stage.install(&[]);
    words.refused("payments.git is main, which does not exist\n  these do: master");
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn a_repository_that_one_may_only_read() {
    let stage = Stage::new();
    let before = stage.snapshot();
    // Place program and site first: only the repository is in the way.
    Stage::named("other.git").install(&[]).accepted("checked");
    let mut install = as_nobody(&stage, &["--prefix", "/tmp/nobody", "--dry-run"]);
    let words = Words::of(install.arg("payments.git").output().unwrap());
    words.refused("countersign: cannot write to ");
    assert!(words.text.contains("or as the owner of the repository"), "{words:?}");
    assert_eq!(stage.snapshot(), before);
}

/// install.sh as somebody who may read the repository and not write to it.
fn as_nobody(stage: &Stage, options: &[&str]) -> Command {
    let root = fs::metadata(stage.root()).unwrap().uid() == 0;
    let plain = stage.installer(&stage.root().join("judge"), options);
    if !root {
        for path in [".", "hooks", "objects", "config"] {
            let mode = if path == "config" { 0o444 } else { 0o555 };
            fs::set_permissions(stage.at(path), fs::Permissions::from_mode(mode)).unwrap();
        }
        return plain;
    }
    let mut nobody = stage.sterile("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).env("TMPDIR", "/tmp");
    nobody.arg(plain.get_program()).args(plain.get_args());
    nobody
}

/// Root works on a repository as its owner: nothing in it ends up root's, whom git does not run as.
#[test]
fn files_belong_to_the_owner_of_the_repository() {
    let stage = Stage::new().with_history();
    if fs::metadata(stage.root()).unwrap().uid() != 0 {
        return; // only root can give files away
    }
    for path in stage.snapshot().keys() {
        chown(stage.repository().join(path), Some(65534), Some(65534)).unwrap();
    }
    chown(stage.repository(), Some(65534), Some(65534)).unwrap();

    stage.install(&[]).accepted("checked: a direct push to main is refused");
    for path in stage.snapshot().keys() {
        let data = fs::symlink_metadata(stage.repository().join(path)).unwrap();
        assert_eq!((data.uid(), data.gid()), (65534, 65534), "{}", path.display());
    }
    stage.install(&["--uninstall"]).accepted("taken away");
}

#[test]
fn programs_that_are_missing() {
    let stage = Stage::new();
    for missing in ["git", "cargo"] {
        let mut install = stage.sterile("/bin/sh");
        install.env("PATH", path_without(&stage, missing)).arg(stage.checkout().join("install.sh"));
        let words = Words::of(install.args(["--prefix", "p", "--site", "s", "payments.git"]).output().unwrap());
        words.refused(&format!("countersign: {missing} is missing"));
    }
    let mut demo = stage.sterile("/bin/sh");
    demo.env("PATH", path_without(&stage, "ssh-keygen")).arg(stage.checkout().join("install.sh"));
    Words::of(demo.arg("--demo").output().unwrap()).refused("countersign: ssh-keygen is missing");
}

/// A PATH with all that install.sh uses, but for one program.
fn path_without(stage: &Stage, missing: &str) -> std::path::PathBuf {
    let folder = stage.root().join(format!("no-{missing}"));
    fs::create_dir(&folder).unwrap();
    let tools = "awk basename cat chmod cmp cp date dirname env find git grep id ls mkdir mktemp mv readlink rm sed sh ssh-keygen";
    let path = std::env::var_os("PATH").unwrap();
    for tool in tools.split(' ').filter(|tool| *tool != missing) {
        let place = std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|file| file.exists());
        symlink(place.unwrap(), folder.join(tool)).unwrap();
    }
    folder
}

#[test]
fn a_program_that_is_none() {
    let stage = Stage::new();
    stage.write("empty", "", 0o755);
    stage.install_program(&stage.root().join("empty"), &[]).refused("empty is no program");
    stage.install_program(Path::new("/nowhere"), &[]).refused("/nowhere is no program");
}

#[test]
fn options_that_are_none() {
    let stage = Stage::new();
    stage.install(&["--force"]).refused("countersign: there is no option --force");
    stage.install_at("--uninstal").refused("countersign: there is no option --uninstal");
}
