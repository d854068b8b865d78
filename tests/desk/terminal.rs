//! scratch
use super::stage::{scene, write};
use crate::scene::{Desk, terminal::*};

#[test]
fn scratch() {
    let scene = scene();
    let alice = Desk::of(&scene, "alice");
    write(&alice, "topic", "a.txt", "text\n");
    let bob = Desk::bare(&scene, "bob");
    let (text, code) = bob.terminal("git countersign setup").until("[y/N]").keys("y\n").end();
    println!("{text}\n{code:?}");
    let (text, code) = bob.terminal("git countersign setup --pre-push").until("[y/N]").keys("y\n").end();
    println!("{text}\n{code:?}");
    let (text, code) = bob.terminal("git countersign approve topic").until("[y/N]").keys("y\n").end();
    println!("{text}\n{code:?}");
    let (text, code) = bob.terminal("git countersign withdraw topic").until("[y/N]").keys(CTRL_C).end();
    println!("{text}\n{code:?}");
    let (text, code) = bob.terminal("git countersign withdraw topic").until("[y/N]").keys(CTRL_D).end();
    println!("{text}\n{code:?}");
}
