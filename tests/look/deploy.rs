//! What `git countersign verify --deploy` lets a deployment system deploy.

use std::fs;

use expect_test::{Expect, expect};

use crate::{
    clone::{Clone, Steady, all},
    scene::{Id, Ran, Scene, cast},
};

const RULES: &str = r#"
[review.main]
[ship.production]
from = ["main"]
by   = "operators"
[release."v*"]
from    = ["main"]
by      = "operators"
retract = "operators"
"#;

/// One change on `main`: written by alice, reviewed by bob.
fn land(scene: &Scene, topic: &str) -> Id {
    scene.commit(topic).write(&format!("{topic}.txt"), "1\n").message(format!("add {topic}\n")).make();
    scene.merge(topic).approved_by("bob").land()
}

fn deploy(clone: &Clone<'_>, words: &[&str]) -> Ran {
    clone.countersign(&[&["verify", "--deploy"], words].concat())
}

#[track_caller]
fn allowed(clone: &Clone<'_>, words: &[&str]) -> String {
    let ran = deploy(clone, words);
    assert_eq!(ran.code, Some(0), "{}", all(&ran));
    ran.out
}

/// It says no, and why.
#[track_caller]
fn refused(clone: &Clone<'_>, words: &[&str], code: &str) -> String {
    let ran = deploy(clone, words);
    assert_eq!(ran.code, Some(1), "{}", all(&ran));
    assert!(ran.out.contains(" must not be deployed: "), "{}", all(&ran));
    assert!(ran.out.contains(&format!("error[{code}]: ")), "not for {code}: {}", all(&ran));
    ran.out
}

/// Moves a ref behind the back of every hook.
fn smuggle(scene: &Scene, name: &str, id: Id) {
    scene.client.set_ref("refs/heads/smuggled", id);
    let from = scene.client.path.display().to_string();
    scene.git_ok(&scene.server.path, &["fetch", "-q", &from, "+refs/heads/smuggled:refs/smuggled"]);
    scene.git_ok(&scene.server.path, &["update-ref", name, &id.to_string()]);
    if let Some(branch) = name.strip_prefix("refs/heads/") {
        scene.set_tip(branch, id);
    }
}

#[test]
fn what_went_out_is_told_change_by_change() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "rounding");
    let two = land(&scene, "spelling");
    let promotion = scene.promote("production", two).co_signed_by("erin").land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let steady = Steady::new().id(one, "one----").id(two, "two----").id(promotion, "promo--");
    let said = allowed(&clone, &["production"]);
    check(
        &steady,
        &said,
        &expect![[r#"
            countersign: production may be deployed: <two---->, shipped by Dana Diaz, Erin
              Eze

            promotion <promo--> of <two----> "Merge branch 'spelling' into main"
              shipped by Dana Diaz
                with SHA256:dana
              shipped by Erin Eze
                with SHA256:erin

            commit  wrote          reviewed       merged         change
            <two----> Alice Archer   Bob Brown      Alice Archer   Merge branch 'spelli...
            <one----> Alice Archer   Bob Brown      Alice Archer   Merge branch 'roundi...
        "#]],
    );
    // Without words, under its full names, by what it is, and by what it shipped; and without the server.
    for words in [
        &[][..],
        &["origin/production"],
        &["refs/heads/production"],
        &[&promotion.to_string()],
        &[&two.to_string()],
    ] {
        assert_eq!(allowed(&clone, words), said, "{words:?}");
    }
    clone.git(&["remote", "set-url", "origin", "/nowhere"]);
    let offline = allowed(&clone, &["production", "--offline"]);
    assert_eq!(offline.replace("  the server was not asked: this is what was fetched last\n", ""), said);
    assert_ne!(offline, said);
    let ran = deploy(&clone, &["production"]);
    assert_eq!(ran.code, Some(3), "{}", all(&ran));
    let policy = scene.server.path.join("countersign/policy.toml").display().to_string();
    let json = allowed(&clone, &["production", "--offline", "--format", "json"]).replace(&policy, "policy.toml");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["tree"], scene.tree_of(two).to_string());
    check(
        &steady.id(scene.tree_of(two), "tree"),
        &json,
        &expect![[r#"
            {"version":1,"verdict":"accept","ref":"refs/heads/production","commit":"<promo-->","tree":"<tree>","current":true,"policy":"policy.toml","asked":false,"shipments":[{"kind":"promotion","id":"<promo-->","commit":"<two---->","subject":"Merge branch 'spelling' into main","course":"first","shippers":[{"person":"Dana Diaz","key":"SHA256:dana"},{"person":"Erin Eze","key":"SHA256:erin"}],"changes":[{"step":"<two---->","subject":"Merge branch 'spelling' into main","ref":"refs/heads/main","wrote":["Alice Archer"],"reviewed":["Bob Brown"],"elsewhere":null,"merged":"Alice Archer","emergencies":[]},{"step":"<one---->","subject":"Merge branch 'rounding' into main","ref":"refs/heads/main","wrote":["Alice Archer"],"reviewed":["Bob Brown"],"elsewhere":null,"merged":"Alice Archer","emergencies":[]}],"pairs":[],"checks":[],"emergencies":[],"findings":[{"code":"shipped","severity":"note","ref":"refs/heads/production","what":"<two----> shipped by Dana Diaz, Erin Eze","where":["Dana Diaz with SHA256:dana","Erin Eze with SHA256:erin"],"asked_by":{"file":"policy.toml","line":26,"table":"[ship.production]"},"mend":[]}]}]}
        "#]],
    );
}

#[track_caller]
fn check(steady: &Steady, said: &str, expected: &Expect) {
    expected.assert_eq(&steady.text(said));
}

#[test]
fn a_policy_is_found_where_the_server_publishes_it_or_in_a_file() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one");
    scene.promote("production", landed).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    clone.git(&["config", "--unset", "countersign.policy"]);
    let ran = deploy(&clone, &["production"]);
    assert_eq!(ran.code, Some(3), "{}", all(&ran));
    let file = scene.server.path.join("countersign/policy.toml").display().to_string();
    allowed(&clone, &["production", "--policy", &file]);
    scene.publish_policy();
    allowed(&clone, &["production"]);
    // The file is what the deployment system trusts, whatever the server publishes.
    let strict =
        fs::read_to_string(&file).unwrap().replace("operators  = [\"dana\", \"erin\"]", "operators  = [\"erin\"]");
    let pinned = scene.path("pinned.toml");
    fs::write(&pinned, strict).unwrap();
    refused(&clone, &["production", "--policy", &pinned.display().to_string()], "not-a-shipper");
}

#[test]
fn what_went_around_the_hooks_is_not_deployed() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one");
    let clone = Clone::of_a_stranger(&scene, "cd");
    scene.promote("production", landed).land();
    allowed(&clone, &["production"]);
    let honest = scene.tip("production");
    let next = land(&scene, "two");

    // No promotion; another tree; signed by whoever may not ship, by nobody, by a stranger.
    smuggle(&scene, "refs/heads/production", scene.loose_commit(&[honest]).write("x", "1").make());
    refused(&clone, &["production"], "not-on-source");
    let other = scene.loose_commit(&[next]).write("x", "1").tree_now();
    for (bent, code) in [
        (scene.promote("production", next).onto(honest).tree(other).make(), "altered-promotion"),
        (scene.promote("production", next).onto(honest).by("carol").make(), "not-a-shipper"),
        (scene.promote("production", next).onto(honest).draft(|d| d.unsigned()).make(), "unsigned-commit"),
        (scene.promote("production", next).onto(honest).draft(|d| d.signed_by("mallory")).make(), "unknown-key"),
        (scene.promote("production", next).onto(honest).make(), ""),
    ] {
        smuggle(&scene, "refs/heads/production", bent);
        match code {
            "" => drop(allowed(&clone, &["production"])),
            code => drop(refused(&clone, &["production"], code)),
        }
    }

    // What it ships was never reviewed.
    scene.commit("alone").write("alone", "1").make();
    let alone = scene.merge("alone").make();
    smuggle(&scene, "refs/heads/main", alone);
    let bad = scene.promote("production", alone).make();
    smuggle(&scene, "refs/heads/production", bad);
    let said = refused(&clone, &["production"], "shipped-unreviewed");
    assert!(said.contains(&alone.to_hex_with_len(7).to_string()), "{said}");
    // On no branch that is shipped from.
    let topic = scene.commit("topic").write("t", "1").make();
    let bad = scene.promote("production", topic).onto(honest).make();
    smuggle(&scene, "refs/heads/production", bad);
    refused(&clone, &["production"], "not-on-source");
}

#[test]
fn whoever_wrote_does_not_ship_unless_somebody_else_does_too() {
    let scene = Scene::with(RULES);
    scene.commit("own").by("dana").write("own", "1").make();
    let landed = scene.merge("own").approved_by("bob").land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let alone = scene.promote("production", landed).make();
    smuggle(&scene, "refs/heads/production", alone);
    let said = refused(&clone, &["production"], "self-shipping");
    assert!(said.contains("Dana Diaz"), "{said}");
    scene.git_ok(&scene.server.path, &["update-ref", "-d", "refs/heads/production"]);
    scene.promote("production", landed).co_signed_by("erin").land();
    allowed(&clone, &["production"]);
}

#[test]
fn a_key_that_turned_out_stolen_closes_the_gate_and_one_that_ended_does_not() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one");
    scene.promote("production", landed).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let policy = scene.server.path.join("countersign/policy.toml");
    let text = fs::read_to_string(&policy).unwrap();
    for (who, how, code) in [
        ("dana", "valid-until = 2020-01-01", None),
        ("bob", "revoked = 2020-01-01", None),
        ("dana", "compromised = 2020-01-01", Some("revoked-key")),
        ("bob", "compromised = 2020-01-01", Some("shipped-unreviewed")),
    ] {
        let key = &cast::key(who).public;
        fs::write(&policy, text.replace(&format!("\"{key}\""), &format!("{{ key = \"{key}\", {how} }}"))).unwrap();
        match code {
            None => drop(allowed(&clone, &["production"])),
            Some(code) => drop(refused(&clone, &["production"], code)),
        }
    }
}

#[test]
fn a_way_back_is_judged_by_what_first_brought_it_there() {
    let scene = Scene::with(RULES);
    let one = land(&scene, "one");
    let first = scene.promote("production", one).land();
    let two = land(&scene, "two");
    scene.promote("production", two).land();
    let back = scene.promote("production", one).by("erin").land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let said = allowed(&clone, &["production"]);
    let short = |id: Id| id.to_hex_with_len(7).to_string();
    assert!(said.contains(&format!("promotion {} of {}", short(back), short(one))), "{said}");
    assert!(said.contains(&format!("promotion {} of {}", short(first), short(one))), "{said}");
    assert!(!said.contains(&short(two)), "{said}");
    // All of it, and what is over.
    assert!(allowed(&clone, &["production", "--full"]).contains(&short(two)));
    let over = allowed(&clone, &[&two.to_string()]);
    assert!(over.contains("something else went out on production since"), "{over}");
}

#[test]
fn full_looks_at_every_promotion_since_the_baseline() {
    let scene = Scene::with(RULES);
    scene.commit("alone").write("alone", "1").make();
    let alone = scene.merge("alone").make();
    smuggle(&scene, "refs/heads/main", alone);
    let bad = scene.promote("production", alone).make();
    smuggle(&scene, "refs/heads/production", bad);
    let fine = land(&scene, "fine");
    scene.promote("production", fine).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    // What the last one brought is sound; that it stands on what was not, only who looks at all of it sees.
    allowed(&clone, &["production"]);
    refused(&clone, &["production", "--full"], "shipped-unreviewed");
    scene.set_rules_with_baseline(&format!("[\"{alone}\"]"), RULES);
    allowed(&clone, &["production", "--full"]);
}

#[test]
fn a_release_is_deployed_by_its_name_until_it_is_taken_back() {
    let scene = Scene::with(RULES);
    let landed = land(&scene, "one");
    scene.release("v1", landed).push().accepted();
    let clone = Clone::of_a_stranger(&scene, "cd");
    clone.git(&["fetch", "-q", "--tags"]);
    let said = allowed(&clone, &["v1"]);
    assert!(said.starts_with("countersign: v1 may be deployed: "), "{said}");
    assert_eq!(allowed(&clone, &["refs/tags/v1"]), said);
    assert_eq!(allowed(&clone, &[&landed.to_string()]), said);
    // One of the clone's own is none of the server's.
    clone.git(&["tag", "v2", "v1^{commit}"]);
    let ran = deploy(&clone, &["refs/tags/v2"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{}", all(&ran));
    assert_eq!(deploy(&clone, &["v2"]).code, Some(1));
    // What stands there is no release.
    smuggle(&scene, "refs/tags/v3", landed);
    refused(&clone, &["v3"], "not-a-release");
    // Taken back.
    let tag = scene.server.refs()["refs/tags/v1"].clone();
    let tag = Id::from_hex(tag.as_bytes()).unwrap();
    let record = scene.release("v1", landed).of("tag", tag).called("retract/v1").message("it loses money\n").make();
    scene.push().name("refs/countersign/retracted/v1", record).run().accepted();
    let said = refused(&clone, &["v1"], "retracted");
    assert!(said.contains("it loses money"), "{said}");
}

#[test]
fn a_check_that_fails_later_closes_the_gate_again() {
    let scene = Scene::with(&RULES.replacen("operators\"\n", "operators\"\nchecks = [\"ci/test\"]\n", 1));
    let landed = land(&scene, "one");
    scene.attest(&scene.check("pass", landed).set("at", moment(-60))).accepted();
    scene.promote("production", landed).land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let said = allowed(&clone, &["production"]);
    assert!(said.contains("ci/test passed, by ci at "), "{said}");
    scene.attest(&scene.check("fail", landed).set("at", moment(-30))).accepted();
    let said = refused(&clone, &["production"], "failed-check");
    assert!(said.contains("ci/test failed, by ci at "), "{said}");
}

/// So many seconds from now.
fn moment(seconds: i64) -> String {
    countersign::model::Time(crate::scene::now() + seconds).to_string()
}

#[test]
fn an_emergency_is_told_and_keeps_the_gate_open_for_itself_alone() {
    let scene =
        Scene::with(&RULES.replacen("operators\"\n", "operators\"\nemergency = { by = \"operators\" }\n", 1));
    // Dana wrote it and erin reviewed it, and nobody else is there to ship it.
    scene.commit("own").by("dana").write("own", "1").make();
    let landed = scene.merge("own").approved_by("erin").land();
    scene.promote("production", landed).called_by("erin").trailer("Emergency: INC-7 the disk is full\n").land();
    let clone = Clone::of_a_stranger(&scene, "cd");
    let said = allowed(&clone, &["production"]);
    assert!(said.contains("emergency by Dana Diaz and Erin Eze: INC-7 the disk is full"), "{said}");
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("nobody has reviewed it since"), "{said}");
    assert!(said.contains(" Dana Diaz      Erin Eze       Alice Archer   Merge branch 'own'"), "{said}");
    let json = allowed(&clone, &["production", "--format=json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["shipments"][0]["emergencies"][0]["open"], true);
}

#[test]
fn what_nobody_shipped_is_not_deployed() {
    let scene = Scene::with(RULES);
    land(&scene, "one");
    let clone = Clone::of_a_stranger(&scene, "cd");
    for (words, code) in [
        (vec![], 3),
        (vec!["production"], 1),
        (vec!["main"], 1),
        (vec!["v1"], 1),
        (vec!["nothing"], 1),
        (vec!["HEAD"], 1),
        (vec!["--policy"], 2),
    ] {
        let ran = deploy(&clone, &words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(code), ""), "{words:?} {}", all(&ran));
    }
    // A branch that stands where the policy begins is from before it.
    smuggle(&scene, "refs/heads/production", scene.root);
    let said = allowed(&clone, &["production"]);
    assert!(said.contains("is a baseline of the policy"), "{said}");
}
