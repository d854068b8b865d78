//! `countersign prune`: each approval that can no longer be merged goes, and nothing else.

use std::fmt::Write as _;

use super::{
    administer, administer_ok,
    scene::{Format, Id, Scene, Statement},
};

/// The name of a review ref.
fn name(who: &str, head: Id, target: &str) -> String {
    format!("refs/countersign/reviews/{head}/{who}/heads/{target}")
}

fn put(scene: &Scene, name: &str, text: &str) {
    let blob = scene.server.write(gix::objs::Kind::Blob, text.as_bytes());
    scene.server.set_ref(name, blob);
}

/// A topic that the server has, and a statement of somebody about it at its place for main.
fn reviewed(scene: &Scene, topic: &str, who: &str, bend: impl Fn(Statement) -> Statement) -> (Id, String) {
    let head = scene.commit(topic).write(topic, "1").make();
    scene.push().branch(topic, head).run().accepted();
    let name = name(who, head, "main");
    put(scene, &name, &bend(scene.statement(who, head)).trailer());
    (head, name)
}

fn approved(scene: &Scene, topic: &str) -> (Id, String) {
    reviewed(scene, topic, "bob", |statement| statement)
}

fn stands(scene: &Scene, name: &str) -> bool {
    scene.server.refs().contains_key(name)
}

/// It goes, for this reason; a dry run says so and takes nothing away.
#[track_caller]
fn goes(scene: &Scene, name: &str, why: &str) {
    let before = scene.server.refs();
    let out = administer_ok(scene, &["prune", "--dry-run"]);
    assert!(out.contains(&format!("would remove {name}\n  {why}\n")), "{out}");
    assert_eq!(scene.server.refs(), before);
    let out = administer_ok(scene, &["prune"]);
    assert!(out.contains(&format!("removed {name}\n  {why}\n")), "{out}");
    assert!(!stands(scene, name));
}

#[track_caller]
fn stays(scene: &Scene, name: &str) {
    let out = administer_ok(scene, &["prune"]);
    assert!(stands(scene, name), "{out}");
}

/// main moves there behind the back of every hook.
fn land(scene: &Scene, head: Id) -> Id {
    let merge = scene.merge_commit(head).approved_by("bob").make();
    scene.push().branch("merged", merge).run().accepted();
    scene.server.set_ref("refs/heads/main", merge);
    scene.set_tip("main", merge);
    merge
}

#[test]
fn what_waits_for_its_merge_stays() {
    for format in [Format::Sha1, Format::Sha256] {
        let scene = Scene::in_format(format, "[review.main]\n");
        let (_, loose) = approved(&scene, "topic");
        let (_, packed) = approved(&scene, "other");
        scene.git_ok(&scene.server.path, &["pack-refs", "--all", "--prune"]);
        assert_eq!(administer_ok(&scene, &["prune"]), "removed 0 reviews; 2 stay\n");
        assert!(stands(&scene, &loose) && stands(&scene, &packed));
    }
}

#[test]
fn what_was_merged_goes() {
    for packed in [false, true] {
        let scene = Scene::new();
        let (head, merged) = approved(&scene, "topic");
        let (_, waiting) = approved(&scene, "other");
        if packed {
            scene.git_ok(&scene.server.path, &["pack-refs", "--all", "--prune"]);
        }
        land(&scene, head);
        goes(&scene, &merged, "main has the commit");
        assert!(stands(&scene, &waiting));
    }
}

#[test]
fn what_the_server_has_no_more_goes() {
    let scene = Scene::new();
    let head = scene.commit("topic").make();
    let name = name("bob", head, "main");
    put(&scene, &name, &scene.statement("bob", head).trailer());
    goes(&scene, &name, "the server no longer has the commit");
}

#[test]
fn what_is_for_no_reviewed_branch_goes() {
    let scene = Scene::with("[review.main]\n[review.\"release/*\"]\n");
    let head = scene.commit("topic").make();
    scene.push().branch("topic", head).run().accepted();
    let gone = name("bob", head, "release/1");
    put(&scene, &gone, &scene.statement("bob", head).set("ref", "refs/heads/release/1").trailer());
    goes(&scene, &gone, "release/1 is gone");

    scene.push().branch("free", scene.root).run().accepted();
    let free = name("bob", head, "free");
    put(&scene, &free, &scene.statement("bob", head).set("ref", "refs/heads/free").trailer());
    goes(&scene, &free, "no [review] of the policy covers free");
}

#[test]
fn what_no_longer_verifies_goes() {
    let scene = Scene::new();
    let (_, service) = reviewed(&scene, "a", "ci", |it| it.set("by", "bob@example.org"));
    goes(&scene, &service, "its key is a service's, and services never review");
    let (_, other) = reviewed(&scene, "b", "bob", |it| it.set("by", "carol@example.org"));
    goes(&scene, &other, "carol@example.org is no address of whoever has its key");
    let (_, elsewhere) = reviewed(&scene, "c", "bob", |it| it.set("repo", "git.example.org/fork"));
    goes(&scene, &elsewhere, "it speaks of repository git.example.org/fork");
    let (_, head) = reviewed(&scene, "d", "bob", |it| it.set("head", scene.root));
    goes(&scene, &head, "it speaks of another commit or branch than its place");
    let (_, git) = reviewed(&scene, "e", "bob", |it| it.in_namespace("git"));
    goes(&scene, &git, "its signature is refused: it was made for namespace `git`, not `countersign`");
    let (_, stranger) = reviewed(&scene, "f", "mallory", |it| it);
    let out = administer_ok(&scene, &["prune"]);
    assert!(out.contains("nobody of the policy has its key SHA256:") && !stands(&scene, &stranger), "{out}");
}

#[test]
fn what_holds_no_statement_goes() {
    let scene = Scene::new();
    let (head, void) = reviewed(&scene, "a", "bob", |it| it.set("verdict", "Approve"));
    goes(&scene, &void, "it holds no statement: `verdict` cannot be `Approve`");
    let twice = scene.statement("bob", head).trailer().repeat(2);
    put(&scene, &void, &twice);
    goes(&scene, &void, "it holds no statement: 2 statements stand in it, where one must");
    put(&scene, &void, "nothing\n");
    goes(&scene, &void, "it holds no statement: 0 statements stand in it, where one must");
    put(&scene, &void, &" ".repeat(2 << 20));
    goes(&scene, &void, "it holds no statement: it is longer than 1048576 bytes");
    scene.server.set_ref(&void, head);
    goes(&scene, &void, "it holds no statement: it is a commit");
}

#[test]
fn what_a_key_signed_that_has_ended_goes() {
    let people = |key: &str| {
        format!(
            "version = 1\nrepository = \"{}\"\nbaseline = [\"BASE\"]\n[people]\n\
             alice = {{ emails = [\"alice@example.org\"], keys = [\"KEY(alice)\"] }}\n\
             bob = {{ emails = [\"bob@example.org\"], keys = [{key}] }}\n[review.main]\n",
            crate::scene::REPOSITORY
        )
    };
    for (end, why) in [
        ("valid-until = 2020-01-01", "counted until 2020-01-01"),
        ("revoked = 2020-01-01", "is revoked since 2020-01-01"),
        ("compromised = 2020-01-01", "is compromised since 2020-01-01"),
    ] {
        let scene = Scene::new();
        let (_, name) = approved(&scene, "topic");
        let (_, withdrawn) = reviewed(&scene, "other", "bob", |it| it.set("verdict", "withdraw"));
        let set = |key: &str| scene.set_policy(&people(key).replace("BASE", &scene.root.to_string()));
        set("{ key = \"KEY(bob)\", valid-from = 2099-01-01 }");
        stays(&scene, &name);
        // It may have replaced a withdrawal of something that his other key signed.
        set(&format!("{{ key = \"KEY(bob)\", {end} }}, \"KEY(bob-2)\""));
        stays(&scene, &name);
        set(&format!("{{ key = \"KEY(bob)\", {end} }}"));
        let out = administer_ok(&scene, &["prune"]);
        assert!(out.contains(why) && !stands(&scene, &name), "{out}");
        assert!(stands(&scene, &withdrawn), "a withdrawal outlives its key");
    }
}

#[test]
fn what_is_too_old_for_every_rule_goes() {
    let scene = Scene::with("[review.main]\nmax-age = \"2d\"\n[review.\"ma*\"]\nmax-age = \"30d\"\n");
    let old = |days: i64| move |it: Statement| it.aged(days * 86_400 + 60);
    let (_, young) = reviewed(&scene, "a", "bob", old(1));
    let (_, middle) = reviewed(&scene, "b", "bob", old(3));
    let (_, ancient) = reviewed(&scene, "c", "bob", old(30));
    goes(&scene, &ancient, "it is older than 30d, the max-age");
    assert!(stands(&scene, &young) && stands(&scene, &middle));
    // One rule without a limit takes it at any age.
    put(&scene, &ancient, &scene.statement("bob", scene.tip("c")).aged(1_000 * 86_400).trailer());
    scene.set_rules("[review.main]\nmax-age = \"2d\"\n[review.\"ma*\"]\n");
    stays(&scene, &ancient);
}

#[test]
fn a_withdrawal_goes_only_when_its_commit_was_merged_after_it() {
    let scene = Scene::with("[review.main]\nmax-age = \"2d\"\n");
    let withdraw = |it: Statement| it.set("verdict", "withdraw").aged(90 * 86_400);
    let (head, before) = reviewed(&scene, "topic", "bob", withdraw);
    stays(&scene, &before);
    let merge = land(&scene, head);
    // Carol takes back what she said after it had landed: of another tree on top of today's main, say.
    let after = name("carol", head, "main");
    put(&scene, &after, &withdraw(scene.statement("carol", head)).set("base", merge).trailer());
    // And of a base that nobody knows, nobody knows what it was said about.
    let unknown = name("dana", head, "main");
    let nowhere = scene.loose_commit(&[scene.root]).write("never", "pushed").make();
    put(&scene, &unknown, &withdraw(scene.statement("dana", head)).set("base", nowhere).trailer());
    goes(&scene, &before, "main has the commit");
    assert!(stands(&scene, &after) && stands(&scene, &unknown));
}

#[test]
fn no_ruin_hides_a_withdrawal() {
    let scene = Scene::new();
    let (head, name) = reviewed(&scene, "topic", "bob", |it| it.set("verdict", "withdraw").signed_by("mallory"));
    stays(&scene, &name);
    let withdrawal = scene.statement("bob", head).set("verdict", "withdraw").trailer();
    put(&scene, &name, &(scene.statement("bob", head).trailer() + &withdrawal + "Countersigned: nothing\n"));
    stays(&scene, &name);
    // The limits of today are not those under which it was admitted.
    put(&scene, &name, &withdrawal);
    scene.set_rules("[review.main]\n[limits]\nsignature-bytes = \"1KiB\"\n");
    stays(&scene, &name);
}

#[test]
fn what_is_no_review_is_told_and_left() {
    let scene = Scene::new();
    let (head, _) = approved(&scene, "topic");
    let blob = scene.server.write(gix::objs::Kind::Blob, scene.statement("bob", head).trailer().as_bytes());
    let long = "a".repeat(64);
    let odd = [
        "refs/countersign/reviews/main/bob/heads/main".to_owned(),
        format!("refs/countersign/reviews/{}/bob", "b".repeat(40)),
        format!("refs/countersign/reviews/{head}/\u{202e}bob"),
        format!("refs/countersign/reviews/{long}/bob/heads/main"),
    ];
    for name in &odd {
        scene.server.set_ref(name, blob);
    }
    let symbolic = name("carol", head, "main");
    scene.server.set_symref(&symbolic, "refs/heads/main");
    let missing = name("dana", head, "main");
    scene.server.set_ref(&missing, Id::from_hex(b"1111111111111111111111111111111111111111").unwrap());
    let before = scene.server.refs();
    let ran = administer(&scene, &["prune"]);
    assert!(ran.ok, "{ran:?}");
    assert_eq!(scene.server.refs(), before);
    let told = String::from_utf8(ran.err).unwrap();
    assert_eq!(told.matches("left refs/countersign/reviews/").count(), 6, "{told}");
    assert!(told.contains("its name is not that of a review") && told.contains("it is symbolic, and leads to"));
    assert!(told.contains("\\u{202e}bob") && !told.contains('\u{202e}'), "{told}");
}

/// More than go in one transaction, and one that will not.
#[test]
fn thousands_in_one_go() {
    let scene = Scene::new();
    let head = scene.commit("topic").make();
    scene.push().branch("topic", head).run().accepted();
    let blob = scene.server.write(gix::objs::Kind::Blob, scene.statement("bob", head).trailer().as_bytes());
    let mut names: Vec<String> =
        (0..2_500).map(|number| format!("refs/countersign/reviews/{number:040x}/bob/heads/main")).collect();
    let kept = name("bob", head, "main");
    names.push(kept.clone());
    names.sort();
    let mut packed = String::from("# pack-refs with: peeled fully-peeled sorted \n");
    for name in &names {
        let _ = writeln!(packed, "{blob} {name}");
    }
    std::fs::write(scene.server.path.join("packed-refs"), packed).unwrap();
    // One of them cannot go: somebody holds its lock.
    let held = scene.server.path.join(format!("{}.lock", names[1_500]));
    std::fs::create_dir_all(held.parent().unwrap()).unwrap();
    std::fs::write(&held, "").unwrap();

    let ran = administer(&scene, &["prune"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        String::from_utf8_lossy(&ran.err).starts_with(&format!("cannot remove {}\n  git failed: ", names[1_500]))
    );
    assert!(ran.out.ends_with("removed 2499 reviews; 2 stay\n"), "{}", ran.out.lines().last().unwrap());
    std::fs::remove_file(held).unwrap();
    assert!(administer_ok(&scene, &["prune"]).ends_with("removed 1 review; 1 stay\n"));
    let left: Vec<String> = scene.server.refs().into_keys().filter(|name| name.contains("countersign")).collect();
    assert_eq!(left, [kept]);
}

#[test]
fn without_a_policy_nothing_goes() {
    let scene = Scene::new();
    let (head, name) = approved(&scene, "topic");
    land(&scene, head);
    scene.set_policy("version = 1\n");
    let ran = administer(&scene, &["prune"]);
    assert_eq!(ran.code, Some(1));
    assert!(String::from_utf8_lossy(&ran.err).contains("does not load"), "{ran:?}");
    assert!(stands(&scene, &name));
}

#[test]
fn no_repository_is_told() {
    let scene = Scene::new();
    let ran = administer(&scene, &["prune", "objects"]);
    assert_eq!(ran.code, Some(1));
    assert!(String::from_utf8_lossy(&ran.err).starts_with("countersign: "), "{ran:?}");
}

const SHIP: &str = "[review.main]\n[ship.production]\nfrom = [\"main\"]\nby = \"operators\"\n\
                    [release.\"v*\"]\nfrom = [\"main\"]\nby = \"operators\"\nemergency = { by = \"operators\" }\n";

/// Two changes on main, the first of them shipped.
fn shipped() -> (Scene, Id, Id) {
    let scene = Scene::with(SHIP);
    let mut landed = Vec::new();
    for topic in ["one", "two"] {
        scene.commit(topic).write(topic, "1").make();
        landed.push(scene.merge(topic).approved_by("bob").land());
    }
    let base = scene.promote("production", landed[0]).land();
    (scene, base, landed[1])
}

/// Erin's word, as it was let in.
fn word(scene: &Scene, head: Id, base: Id, target: &str, verdict: &str) -> String {
    let word =
        Statement::shipment("erin", head, base, scene.tree_of(head)).set("ref", target).set("verdict", verdict);
    put(scene, &word.place(), &word.trailer());
    word.place()
}

#[test]
fn a_shippers_word_stays_until_its_ref_has_moved() {
    let (scene, base, head) = shipped();
    let place = word(&scene, head, base, "refs/heads/production", "ship");
    stays(&scene, &place);
    // Dana ships it alone: what stands there now is no place that erin spoke of.
    scene.promote("production", head).land();
    goes(&scene, &place, "production has moved since, or is made");
    // Nor is the first promotion made twice.
    let first = word(&scene, head, head, "refs/heads/production", "ship");
    goes(&scene, &first, "production has moved since, or is made");
}

#[test]
fn a_word_to_make_a_ref_stays_until_it_is_made() {
    let (scene, base, head) = shipped();
    let place = word(&scene, head, head, "refs/tags/v1", "ship");
    stays(&scene, &place);
    // Of an emergency that would make it, too.
    let urgent = word(&scene, head, head, "refs/tags/v2", "emergency");
    stays(&scene, &urgent);
    scene.release("v1", head).push().accepted();
    goes(&scene, &place, "v1 has moved since, or is made");
    scene.release("v2", head).push().accepted();
    goes(&scene, &urgent, "v2 has moved since, or is made");
    let unknown = word(&scene, head, base, "refs/heads/production", "emergency");
    goes(&scene, &unknown, "no rule of the policy knows emergencies on production");
    scene.set_rules("[review.main]\n");
    let other = word(&scene, head, head, "refs/tags/v3", "ship");
    goes(&scene, &other, "no [ship] or [release] of the policy covers v3");
}

#[test]
fn what_takes_a_shippers_word_back_stays() {
    let (scene, base, head) = shipped();
    let place = word(&scene, head, base, "refs/heads/production", "withdraw");
    stays(&scene, &place);
    // Until the commit went out all the same, on another word.
    scene.promote("production", head).land();
    goes(&scene, &place, "production has the commit");
    let tag = word(&scene, head, head, "refs/tags/v1", "withdraw");
    stays(&scene, &tag);
}
