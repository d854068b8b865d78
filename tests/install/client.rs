//! What people get: the program, its manual pages and its completions; on a server too.

use std::{fs, path::Path};

use crate::stage::{NODDER, Stage, Words, real_program};

/// One file of each kind, below the prefix.
const SHARED: [&str; 7] = [
    "man/man1/git-countersign.1",
    "bash-completion/completions/countersign",
    "bash-completion/completions/git-countersign",
    "zsh/site-functions/_countersign",
    "zsh/site-functions/_git-countersign",
    "fish/vendor_completions.d/countersign.fish",
    "fish/vendor_completions.d/git-countersign.fish",
];

fn client(stage: &Stage, program: &Path, options: &[&str]) -> Words {
    let options: Vec<&str> = ["--client"].iter().chain(options).copied().collect();
    Words::of(stage.installer(program, &options).output().unwrap())
}

#[test]
fn people_get_a_program_with_pages_and_completions() {
    for shell in ["dash", "bash"] {
        let stage = Stage::new().with_shell(shell);
        let server = stage.snapshot();
        let prefix = stage.root().join("it's a prefix");
        client(&stage, real_program(), &[]).accepted("$ git countersign setup");
        for file in SHARED {
            let text = fs::read_to_string(prefix.join("share").join(file)).unwrap();
            assert!(text.contains("countersign"), "{file}: {text}");
        }
        assert!(prefix.join("share/man/man1/git-countersign-approve.1").exists());
        let path = format!("{}:{}", prefix.join("bin").display(), std::env::var("PATH").unwrap());
        let help = stage.sterile("git").env("PATH", path).args(["countersign", "-h"]).output().unwrap();
        Words::of(help).accepted("Usage: git countersign <COMMAND>");

        let again = client(&stage, real_program(), &[]);
        assert_eq!(again.text.matches("  is up to date\n").count(), 2, "{}", again.text);
        assert_eq!(stage.snapshot(), server);
        assert!(!stage.root().join("site").exists());
    }
}

/// A page that somebody edited, or that an older program wrote.
#[test]
fn an_old_page_is_replaced() {
    let stage = Stage::new();
    client(&stage, real_program(), &[]).accepted("manual pages; completions");
    let page = stage.root().join("it's a prefix/share/man/man1/git-countersign.1");
    fs::write(&page, "old").unwrap();
    client(&stage, real_program(), &[]).accepted("  manual pages; completions");
    assert!(fs::read_to_string(&page).unwrap().contains("GIT\\-COUNTERSIGN"));
}

#[test]
fn a_dry_run_for_people_touches_nothing() {
    let stage = Stage::new();
    client(&stage, real_program(), &["--dry-run"])
        .accepted("would: manual pages; completions for bash, zsh and fish");
    assert!(!stage.root().join("it's a prefix").exists());
}

#[test]
fn a_program_without_pages_is_installed_all_the_same() {
    let stage = Stage::new();
    stage.write("nodder", NODDER, 0o755);
    client(&stage, &stage.root().join("nodder"), &[]).accepted("nothing: this program makes no manual pages");
    assert!(stage.root().join("it's a prefix/bin/countersign").exists());
    assert!(!stage.root().join("it's a prefix/share").exists());
}

#[test]
fn people_name_no_repository() {
    let stage = Stage::new();
    let before = stage.snapshot();
    client(&stage, real_program(), &["payments.git"]).refused("--client takes no repository");
    client(&stage, real_program(), &["--uninstall"]).refused("&& rm -- bin/countersign bin/git-countersign");
    assert_eq!(stage.snapshot(), before);
    assert!(!stage.root().join("it's a prefix").exists());
}

#[test]
fn a_server_gets_them_and_keeps_them() {
    let stage = Stage::new().with_history();
    stage.install_program(real_program(), &[]).accepted("manual pages; completions for bash, zsh and fish");
    let uninstalled = stage.install_program(real_program(), &["--uninstall"]);
    uninstalled.accepted("so do the manual pages and the completions, in ");
    for file in SHARED {
        assert!(stage.root().join("it's a prefix/share").join(file).exists(), "{file}");
    }
}
