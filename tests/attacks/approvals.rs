//! Rows 12–19 and 23–25: who approved, and what.

use crate::scene::{Id, Scene, Statement};

/// A scene whose main has moved past the commit that the topic began at.
fn with_moved_target() -> (Scene, Id) {
    let scene = Scene::new();
    scene.commit("other").write("b", "1").by("carol").make();
    let topic = scene.commit("topic").write("a", "1").make();
    scene.merge("other").approved_by("bob").land();
    (scene, topic)
}

#[test]
fn attack_12_commits_pushed_after_the_review() {
    let scene = Scene::new();
    let reviewed = scene.commit("topic").write("a", "1").make();
    scene.commit("topic").write("evil", "1").make();
    let merge = scene.merge("topic").approved("bob", move |s| s.set("head", reviewed));
    merge.push().refused_for(&["not-approved", "wrong-head"]);
    scene.merge_commit(reviewed).approved_by("bob").push().accepted();
}

#[test]
fn attack_12_the_topic_was_rebased() {
    let (scene, reviewed) = with_moved_target();
    let rebased = scene.loose_commit(&[scene.tip("main")]).write("a", "1").make();
    let merge = scene.merge_commit(rebased).approved("bob", move |s| s.set("head", reviewed));
    merge.push().refused_for(&["not-approved", "wrong-head"]);
    scene.merge_commit(rebased).approved_by("bob").push().accepted();
}

#[test]
fn attack_12_an_update_merge_that_is_not_one() {
    let (scene, reviewed) = with_moved_target();
    let main = scene.tip("main");
    let approval = scene.statement("bob", reviewed);
    let clean = scene.mechanical(reviewed, main).unwrap();
    let merge = |head: Id| scene.merge_commit(head).trailer(approval.trailer());

    // It holds more than git merges.
    let evil = scene.loose_commit(&[reviewed, main]).tree(clean).write("evil", "1").make();
    merge(evil).push().refused_for(&["not-approved", "wrong-head"]);
    // Its 2nd parent is no commit on main, merely merged there.
    let side = scene.tip("other");
    let tree = scene.mechanical(reviewed, side).unwrap();
    let from_side = scene.loose_commit(&[reviewed, side]).tree(tree).make();
    merge(from_side).push().refused_for(&["not-approved", "wrong-head"]);
    // Its 2nd parent is on nobody's branch.
    let work = scene.loose_commit(&[main]).write("evil", "1").make();
    let tree = scene.mechanical(reviewed, work).unwrap();
    let from_work = scene.loose_commit(&[reviewed, work]).tree(tree).make();
    merge(from_work).push().refused_for(&["not-approved", "wrong-head"]);
    // A plain commit on top of the update.
    let update = scene.loose_commit(&[reviewed, main]).tree(clean).make();
    let on_top = scene.loose_commit(&[update]).write("evil", "1").make();
    merge(on_top).push().refused_for(&["not-approved", "wrong-head"]);
    // Parents swapped: main is its 1st parent, and the topic what was merged.
    let swapped = scene.loose_commit(&[main, reviewed]).tree(clean).make();
    merge(swapped).push().refused_for(&["not-approved", "wrong-head"]);
    merge(update).push().accepted();
}

/// Everything is mechanical by itself: only the topic's own attributes made the update merge clean.
#[test]
fn attack_12_an_update_merge_that_the_topics_attributes_bend() {
    let scene = Scene::new();
    scene.commit("start").write("conf", "intro\nallow = all\nend\n").make();
    scene.merge("start").approved_by("bob").land();
    let start = scene.tip("main");
    let topic = scene.loose_commit(&[start]).write(".gitattributes", "conf merge=union\n");
    let reviewed = topic.write("conf", "intro\nallow = all # who may log in\nend\n").make();
    let approval = scene.statement("bob", reviewed).trailer();
    scene.commit("fix").parents(&[start]).write("conf", "intro\nallow = none\nend\n").by("carol").make();
    let fixed = scene.merge("fix").approved_by("bob").land();
    assert!(scene.mechanical(fixed, reviewed).is_err(), "a person would have to look at it");
    let both = "intro\nallow = all # who may log in\nallow = none\nend\n";
    let update = scene.loose_commit(&[reviewed, fixed]).tree(scene.tree_of(reviewed)).write("conf", both).make();
    scene.merge_commit(update).trailer(&approval).push().refused_somehow();
    // Whoever made it chose what is in it, so he cannot be the one who approves that.
    let own =
        scene.loose_commit(&[reviewed, fixed]).tree(scene.tree_of(reviewed)).write("conf", both).by("bob").make();
    scene.merge_commit(own).exactly_approved_by("bob").push().refused("self-approval");
    // Approved as it is, by somebody else who sees both lines, it lands.
    scene.merge_commit(update).exactly_approved_by("bob").push().accepted();
}

#[test]
fn attack_13_an_approval_for_somewhere_else() {
    let scene = Scene::with("[review.main]\n[review.next]\n");
    scene.server.set_ref("refs/heads/next", scene.root);
    scene.commit("topic").write("a", "1").make();
    let fork = scene.merge("topic").approved("bob", |s| s.set("repo", "git.example.org/mallory/payments"));
    fork.push().refused_for(&["not-approved", "wrong-repository"]);
    let case = scene.merge("topic").approved("bob", |s| s.set("repo", "git.example.org/acme/Payments"));
    case.push().refused_for(&["not-approved", "wrong-repository"]);
    for name in ["refs/heads/next", "refs/tags/main", "refs/heads/Main"] {
        let branch = scene.merge("topic").approved("bob", move |s| s.set("ref", name));
        branch.push().refused_for(&["not-approved", "wrong-ref"]);
    }
    scene.merge("topic").approved_by("bob").push().accepted();
}

#[test]
fn attack_13_an_approval_on_a_tip_that_is_gone() {
    let (scene, topic) = with_moved_target();
    // What main was before somebody rewound it; and a commit that was merged there and never was its tip.
    let gone = scene.loose_commit(&[scene.root]).write("gone", "1").make();
    scene.push().branch("parked", gone).run().accepted();
    for base in [gone, scene.tip("other"), topic] {
        let merge = scene.merge("topic").approved("bob", move |s| s.set("base", base));
        merge.push().refused_for(&["not-approved", "wrong-base"]);
    }
    // A commit that the server never saw.
    let unseen = scene.merge("topic").approved("bob", |s| s.set("base", "1".repeat(40)));
    unseen.push().refused_for(&["not-approved", "wrong-base"]);
    let root = scene.root;
    scene.merge("topic").approved("bob", move |s| s.set("base", root)).push().accepted();
}

#[test]
fn attack_14_the_reviewer_took_part() {
    let scene = Scene::new();
    let topic = || scene.loose_commit(&[scene.root]).write("a", "1");
    let said = |line: &str| topic().message(format!("fix\n\n{line}\n")).make();
    let heads = [
        topic().author("Bob Brown", "bob@example.org").make(),
        topic().by("bob").author("Alice Archer", "alice@example.org").make(),
        topic().by("bob").signed_by("bob-2").author("Olga", "olga@else.example").make(),
        topic().author("Somebody", "BOB@Example.ORG").make(),
        topic().author("Somebody", "bob@old.example.org").make(),
        said("Co-authored-by: Bob Brown <bob@example.org>"),
        said("co-AUTHORED-by:Bob <BOB@EXAMPLE.ORG>"),
        said("Co-authored-by: Bob <bob@example.org>\n\nand more words"),
        topic().message("Co-authored-by: Bob <bob@example.org>\n").make(),
        topic().message("fix\r\n\r\nCo-authored-by: Bob <bob@old.example.org>\r\n").make(),
        topic().message("fix\n\n  Co-authored-by: Bob <bob@example.org>\n").make(),
    ];
    for (number, head) in heads.into_iter().enumerate() {
        for key in ["bob", "bob-2"] {
            let merge = scene.merge_commit(head).approved("bob", move |s| s.signed_by(key));
            let outcome = merge.push();
            assert!(outcome.said.contains("error[self-approval]"), "way {number}: {}", outcome.said);
            outcome.refused("self-approval");
        }
        // Under another of his addresses.
        let merge = scene.merge_commit(head).approved("bob", |s| s.set("by", "bob@old.example.org"));
        merge.push().refused("self-approval");
    }
    // A deeper commit counts like the head.
    let below = topic().author("Bob Brown", "bob@example.org").make();
    let head = scene.loose_commit(&[below]).write("b", "1").make();
    scene.merge_commit(head).approved_by("bob").push().refused("self-approval");
    scene.merge_commit(head).approved_by("carol").push().accepted();
}

#[test]
fn attack_15_a_rebase_makes_a_second_contributor() {
    let scene = Scene::new();
    scene
        .commit("topic")
        .write("a", "1")
        .author("Bob Brown", "bob@example.org")
        .committer("Carol Chu", "carol@example.org")
        .signed_by("carol")
        .make();
    scene.merge("topic").approved_by("bob").push().refused("self-approval");
    scene.merge("topic").approved_by("carol").push().refused("self-approval");
    scene.merge("topic").approved_by("alice").push().accepted();
}

#[test]
fn attack_16_a_colleague_is_named_on_ones_own_work() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").by("bob").signed_by("alice").make();
    scene.merge("topic").approved_by("alice").push().refused_for(&["self-approval", "wrong-committer"]);
    scene.merge("topic").approved_by("carol").push().refused("wrong-committer");
    // Honest: she answers as committer for what another wrote, and a third reviews.
    scene.commit("open").write("b", "1").author("Bob Brown", "bob@example.org").make();
    scene.merge("open").approved_by("carol").push().accepted();
}

#[test]
fn attack_17_the_reviewer_makes_the_merge_and_adds_to_it() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    let added = scene.loose_commit(&[topic]).write("added", "1").tree_now();
    let merge = || scene.merge("topic").tree(added).exactly_approved_by("bob");
    merge().by("bob").push().refused("self-approval");
    // With a colleague's name on it: unsigned, signed by the forge, or with his own key.
    merge().by("carol").unsigned().push().refused("unsigned-commit");
    merge().by("carol").signed_by("gitea").push().refused_for(&["not-a-writer", "not-approved"]);
    merge().by("carol").signed_by("bob").push().refused_for(&["self-approval", "wrong-committer"]);
    // As author alone, and as co-author.
    merge().by("carol").draft(|d| d.author("Bob Brown", "bob@example.org")).push().refused("self-approval");
    merge().by("carol").trailer("Co-authored-by: Bob Brown <bob@example.org>\n").push().refused("self-approval");
    merge().by("carol").push().accepted();
}

#[test]
fn attack_18_one_reviewer_counts_once() {
    let scene = Scene::with("[review.main]\napprovals = 2\n");
    scene.commit("topic").write("a", "1").make();
    let merge = || scene.merge("topic").approved_by("bob");
    merge().approved_by("bob").push().refused("not-approved").says("1 of 2");
    merge().approved("bob", |s| s.signed_by("bob-2")).push().refused("not-approved");
    let two = merge().approved("bob", |s| s.set("by", "bob@old.example.org").signed_by("bob-2"));
    two.push().refused("not-approved");
    let loud = merge().approved("bob", |s| s.set("by", "BOB@example.org"));
    loud.push().refused("not-approved");
    merge().approved_by("carol").push().accepted();
}

#[test]
fn attack_19_approvals_that_do_not_count() {
    let scene = Scene::with("[review.main]\nby = \"reviewers\"\n");
    scene.commit("topic").write("a", "1").make();
    let merge = || scene.merge("topic");
    merge().push().refused("not-approved").says("0 of 1");
    let service = merge().approved("renovate", |s| s);
    service.push().refused_for(&["not-a-reviewer", "not-approved"]).says("service");
    merge().approved_by("mallory").push().refused_for(&["bad-countersignature", "not-approved"]);
    let named = merge().approved("mallory", |s| s.set("by", "bob@example.org"));
    named.push().refused_for(&["bad-countersignature", "not-approved"]);
    // Her own key, his name.
    let other = merge().approved("carol", |s| s.set("by", "bob@example.org"));
    other.push().refused_for(&["bad-countersignature", "not-approved"]);
    merge().approved_by("dana").push().refused_for(&["not-a-reviewer", "not-approved"]);
    merge().trailer("Reviewed-by: Bob Brown <bob@example.org>\n").push().refused("not-approved");
    merge().trailer("Approved-by: bob\nCountersigned-by: bob\n").push().refused("not-approved");
    merge().approved_by("bob").push().accepted();
}

#[test]
fn attack_19_other_verdicts_do_not_approve() {
    let scene = Scene::new();
    scene.commit("topic").write("a", "1").make();
    for verdict in ["withdraw", "ship"] {
        let merge = scene.merge("topic").approved("bob", move |s| s.set("verdict", verdict));
        merge.push().refused_for(&["not-an-approval", "not-approved"]);
    }
    for verdict in ["Approve", "approved", "yes", "approve,ship"] {
        let merge = scene.merge("topic").approved("bob", move |s| s.set("verdict", verdict));
        merge.push().refused_for(&["not-approved", "void-statement"]);
    }
    scene.merge("topic").approved_by("bob").push().accepted();
}

/// A scene whose server has the topic, so that it can be reviewed.
fn with_published_topic() -> (Scene, Id) {
    let scene = Scene::new();
    let head = scene.commit("topic").write("a", "1").make();
    scene.push().branch("topic", head).run().accepted();
    (scene, head)
}

fn withdrawal(scene: &Scene, who: &str, head: Id, age: i64) -> Statement {
    scene.statement(who, head).set("verdict", "withdraw").aged(age)
}

#[test]
fn attack_23_a_withdrawn_approval() {
    let (scene, head) = with_published_topic();
    let approval = scene.statement("bob", head).aged(600);
    scene.review(&approval).accepted();
    scene.review(&withdrawal(&scene, "bob", head, 300)).accepted();
    // The copy in a merge that was made offline is void, whatever its form.
    let merge = || scene.merge("topic").trailer(approval.trailer());
    merge().push().refused_for(&["not-approved", "withdrawn-approval"]).says("taken back");
    let exact = scene.statement("bob", head).aged(600).set("tree", scene.tree_of(head));
    scene.merge("topic").trailer(exact.trailer()).push().refused_for(&["not-approved", "withdrawn-approval"]);
    // Under another address and with another key of the same person.
    let other = scene.statement("bob", head).aged(600).set("by", "bob@old.example.org").signed_by("bob-2");
    scene.merge("topic").trailer(other.trailer()).push().refused_for(&["not-approved", "withdrawn-approval"]);
    // The old one does not come back.
    scene.review(&approval).refused("older-review");
    let again = scene.statement("bob", head).aged(30);
    scene.review(&again).accepted();
    // The withdrawal does not come back either.
    scene.review(&withdrawal(&scene, "bob", head, 300)).refused("older-review");
    scene.merge("topic").trailer(again.trailer()).push().accepted();
}

#[test]
fn attack_23_somebody_else_withdraws_overwrites_or_deletes() {
    let (scene, head) = with_published_topic();
    let approval = scene.statement("bob", head).aged(600);
    scene.review(&approval).accepted();
    let at_bobs = |statement: &Statement| scene.push().blob(&approval.place(), statement.trailer()).run();
    at_bobs(&withdrawal(&scene, "carol", head, 60)).refused("misplaced-review");
    at_bobs(&scene.statement("carol", head)).refused("misplaced-review");
    // In his name, with another key.
    for key in ["carol", "mallory", "gitea"] {
        at_bobs(&withdrawal(&scene, "bob", head, 60).signed_by(key)).refused("void-review");
    }
    at_bobs(&withdrawal(&scene, "mallory", head, 60)).refused("void-review");
    // His approval, rewritten into its reverse.
    let turned = withdrawal(&scene, "bob", head, 600).trailer_with(&format!("ssh {}", approval.base64()));
    scene.push().blob(&approval.place(), turned).run().refused("void-review");
    scene.push().delete_name(&approval.place()).run().refused("deleted");
    // Hers says nothing about his.
    scene.review(&withdrawal(&scene, "carol", head, 60)).accepted();
    scene.merge("topic").trailer(approval.trailer()).push().accepted();
}

/// Taken back and approved anew: the second approval stands where the withdrawal stood, and what was approved first must
/// not come back with it.
#[test]
fn attack_23_what_was_taken_back_comes_back_under_a_later_approval() {
    let (scene, head) = with_published_topic();
    let evil = scene.loose_commit(&[head]).write("evil", "1").tree_now();
    let first = scene.statement("bob", head).set("tree", evil).aged(600);
    scene.review(&first).accepted();
    scene.review(&withdrawal(&scene, "bob", head, 300)).accepted();
    let second = scene.statement("bob", head).aged(60);
    scene.review(&second).accepted();
    let merge = || scene.merge("topic").tree(evil).trailer(first.trailer());
    merge().push().refused_for(&["not-approved", "withdrawn-approval"]).says("taken back at");
    // The withdrawal is kept beside what took its place, and nobody pushes there.
    let kept = second.place().replace("/reviews/", "/withdrawn/");
    scene.push().delete_name(&kept).run().refused("reserved-ref");
    scene.push().blob(&kept, second.trailer()).run().refused("reserved-ref");
    // Where post-receive did not get to that, the later approval itself says so.
    scene.git_ok(&scene.server.path, &["update-ref", "-d", &kept]);
    merge().push().refused_for(&["not-approved", "withdrawn-approval"]).says("replaced");
    scene.merge("topic").trailer(second.trailer()).push().accepted();
}

/// Whoever was `bob` when the withdrawal came is `robert` now, has lost that key, or both keys are ended.
#[test]
fn attack_23_a_withdrawal_outlives_its_key_and_its_name() {
    let (scene, head) = with_published_topic();
    let rules = |keys: &str| {
        let bob = format!("[people.bob]\nemails = [\"bob@example.org\"]\nkeys = [{keys}]\n");
        let others = "[people]\nalice = { emails = [\"alice@example.org\"], keys = [\"KEY(alice)\"] }\n";
        format!("{others}{bob}[review.main]\n")
    };
    let policy = |text: &str| {
        let head = format!(
            "version = 1\nrepository = \"git.example.org/acme/payments\"\nbaseline = [\"{}\"]\n",
            scene.root
        );
        scene.set_policy(&format!("{head}{text}"));
    };
    let approval = scene.statement("bob", head).aged(600).trailer();
    scene.review(&withdrawal(&scene, "bob", head, 300).signed_by("bob-2")).accepted();
    let refused = || {
        let merge = scene.merge("topic").trailer(&approval);
        merge.push().refused_for(&["not-approved", "withdrawn-approval"]);
        // Nor is the place free for the old one.
        scene.review(&scene.statement("bob", head).aged(600)).refused("older-review");
    };
    policy(&rules("\"KEY(bob)\", { key = \"KEY(bob-2)\", revoked = 2020-01-01 }"));
    refused();
    policy(&rules("\"KEY(bob)\", { key = \"KEY(bob-2)\", valid-until = 2020-01-01 }"));
    refused();
    policy(&rules("\"KEY(bob)\""));
    refused();
    policy(&rules("\"KEY(bob)\", \"KEY(bob-2)\"").replace("people.bob", "people.robert"));
    scene.merge("topic").trailer(&approval).push().refused_for(&["not-approved", "withdrawn-approval"]);
    // Somebody else's now, with a new name for the key: what stands there is not to be read as the new one's.
    policy(&rules("\"KEY(bob)\""));
    scene.review(&scene.statement("bob", head).aged(200)).accepted();
    scene.merge("topic").trailer(scene.statement("bob", head).aged(200).trailer()).push().accepted();
}

/// A withdrawal is for one branch and one commit, and one on the way does not count.
#[test]
fn attack_23_a_withdrawal_of_something_else_takes_nothing() {
    let scene = Scene::with("[review.main]\n[review.next]\n");
    let head = scene.commit("topic").write("a", "1").make();
    let other = scene.commit("other").write("b", "1").make();
    scene.push().branch("topic", head).branch("other", other).run().accepted();
    scene.review(&withdrawal(&scene, "bob", head, 60).set("ref", "refs/heads/next")).accepted();
    scene.review(&withdrawal(&scene, "bob", other, 60)).accepted();
    // Older than the approval.
    scene.review(&withdrawal(&scene, "bob", head, 601)).accepted();
    let approval = scene.statement("bob", head).aged(600);
    let merge = scene.merge("topic").trailer(approval.trailer()).make();
    // What the push itself brings counts from the next one on.
    let both = scene.push().branch("main", merge).review(&withdrawal(&scene, "bob", head, 30));
    both.run().accepted();
}

#[test]
fn attack_24_an_approval_from_the_future_or_too_old() {
    let scene = Scene::with("[review.main]\nmax-age = \"30d\"\n");
    scene.commit("topic").write("a", "1").make();
    let aged = |seconds: i64| scene.merge("topic").approved("bob", move |s| s.aged(seconds)).push();
    aged(-3600).refused_for(&["future-approval", "not-approved"]);
    aged(-400 * 86_400).refused_for(&["future-approval", "not-approved"]);
    aged(31 * 86_400).refused_for(&["not-approved", "stale-approval"]);
    // Clocks differ a little.
    aged(-120).accepted();
}

#[test]
fn attack_24_a_review_ref_from_the_future() {
    let (scene, head) = with_published_topic();
    let aged = |verdict: &str, seconds: i64| {
        scene.review(&scene.statement("bob", head).set("verdict", verdict).aged(seconds))
    };
    for verdict in ["approve", "withdraw"] {
        aged(verdict, -3600).refused("void-review").says("it was signed at");
        aged(verdict, -400 * 86_400).refused("void-review");
    }
    aged("approve", -120).accepted();
}

#[test]
fn attack_25_an_exact_tree_on_a_target_that_moved() {
    let scene = Scene::new();
    let topic = scene.commit("topic").write("a", "1").make();
    let tree = scene.tree_of(topic);
    let seen = scene.statement("bob", topic).set("tree", tree).trailer();
    scene.commit("fix").write("fix", "1").by("carol").make();
    scene.merge("fix").approved_by("bob").land();
    // On the new tip the old tree would take the fix away.
    let merge = scene.merge("topic").tree(tree).trailer(&seen);
    merge.push().refused_for(&["not-approved", "wrong-base"]);
    scene.merge("topic").exactly_approved_by("bob").push().accepted();
    assert!(scene.files(scene.tip("main")).contains_key("fix"));
}

/// While a policy only watches unsigned commits, they name whom they like as their author.
#[test]
fn attack_14_the_writer_of_an_unsigned_commit_approves_it() {
    for (code, key) in [("unsigned-commit", None), ("unknown-key", Some("mallory"))] {
        let scene = Scene::with(&format!("[review.main]\n[enforce]\n{code} = \"observe\"\n"));
        let draft = scene.loose_commit(&[scene.root]).write("a", "1").author("Ghost", "ghost@nowhere.example");
        let draft = draft.committer("Ghost", "ghost@nowhere.example");
        let head = match key {
            None => draft.unsigned().make(),
            Some(key) => draft.signed_by(key).make(),
        };
        scene.merge_commit(head).approved_by("alice").push().refused("not-approved").says("1 of 2");
        scene.merge_commit(head).approved_by("alice").approved_by("bob").push().accepted();
    }
}
