//! docs/evidence.md: what is handed on is read with the page's own commands.

use std::fs;

use crate::{
    pipelines::page::{RULES, Runner, all, block, land},
    scene::{Scene, cast},
};

const PAGE: &str = include_str!("../../docs/evidence.md");

#[test]
fn the_commands_of_the_page_read_what_the_verb_writes() {
    let scene = Scene::with(RULES);
    scene.publish_policy();
    land(&scene, "one", true);
    let runner = Runner::new(&scene, "ci");
    fs::write(runner.path("clone/ci.pub"), format!("{}\n", cast::key("ci").public)).unwrap();
    let make = "git countersign evidence main --key ../key >> payments.intoto.jsonl\n";
    let read = [make, block(PAGE, "sh pem"), block(PAGE, "sh verify")].concat();
    let ran = runner.run(&read, &[]);
    assert!(ran.ok && ran.out.contains("Signature Verified Successfully"), "{}", all(&ran));
    let body = fs::read_to_string(runner.path("clone/body")).unwrap();
    assert!(body.contains("\"SLSA_SOURCE_LEVEL_4\""), "{body}");
    // Another level, and the same signature.
    let bent = "sed -i 's/LEVEL_4/LEVEL_3/' body\n\
        { printf 'DSSEv1 %d %s %d ' 28 application/vnd.in-toto+json \"$(wc -c < body)\"; cat body; } > body.pae\n\
        openssl pkeyutl -verify -rawin -pubin -inkey ci.pem -in body.pae -sigfile body.sig";
    let ran = runner.run(bent, &[]);
    assert!(!ran.ok && all(&ran).contains("Signature Verification Failure"), "{}", all(&ran));
}
