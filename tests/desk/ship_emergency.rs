//! `git countersign ship --emergency`: two people, one after the other.

use super::stage::{ends, prune, reviews, scene_with, server};
use crate::scene::{Desk, Scene};

const RULES: &str = r#"
[review.main]
[ship.production]
from      = ["main"]
by        = "operators"
checks    = ["ci/test"]
emergency = { by = "operators" }
[release."v*"]
from      = ["main"]
by        = "operators"
checks    = ["ci/test"]
emergency = { by = "operators" }
"#;

const SHIP: &str = "git countersign ship production --emergency 'INC-123 the queue is stuck' --yes";

/// Dana wrote it, and no check has passed.
fn urgent() -> Scene {
    let scene = scene_with(RULES);
    scene.commit("one").by("dana").write("one", "1").make();
    scene.merge("one").approved_by("bob").land();
    scene
}

#[test]
fn two_people_pass_by_checks_and_separation() {
    let scene = urgent();
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    let said = ends(&dana, 1, "git countersign ship production --yes");
    assert!(said.contains("error[missing-check]") && said.contains("error[self-shipping]"), "{said}");
    let said = ends(&dana, 1, SHIP);
    assert!(said.contains("an emergency takes two people; production was not changed"), "{said}");
    assert!(said.contains("one of Erin Eze looks at exactly that"), "{said}");
    assert!(said.contains("--emergency 'INC-123 the queue is stuck' --co-sign"), "{said}");
    assert_eq!(server(&scene, "refs/heads/production"), None);

    let said = ends(&erin, 0, &format!("{SHIP} --co-sign"));
    assert!(
        said.contains("as an emergency: INC-123 the queue is stuck")
            && said.contains("EMERGENCY: this is no word to ship"),
        "{said}"
    );
    assert!(said.contains("still missing[missing-check]"), "{said}");
    assert_eq!(reviews(&scene).len(), 1);
    assert!(prune(&scene).contains("removed 0 reviews; 1 stay"));

    let said = ends(&dana, 0, SHIP);
    assert!(said.contains("shipped by Dana Diaz; the emergency is called by Erin Eze as well"), "{said}");
    assert!(said.contains("$ git countersign approve --emergency "), "{said}");
    let message = dana.run("git log -1 --format=%B origin/production");
    assert!(
        message.contains("\n\nEmergency: INC-123 the queue is stuck\nShip-to: git.example.org/acme/payments "),
        "{message}"
    );
    assert!(message.contains("\n verdict emergency\n"), "{message}");
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn one_alone_is_none() {
    let scene = urgent();
    let dana = Desk::of(&scene, "dana");
    ends(&dana, 0, &format!("{SHIP} --co-sign"));
    let said = ends(&dana, 1, SHIP);
    assert!(said.contains("an emergency takes two people"), "{said}");
    assert_eq!(server(&scene, "refs/heads/production"), None);
}

#[test]
fn who_may_not_call_one_is_told() {
    let scene = urgent();
    let alice = Desk::of(&scene, "alice");
    for line in [SHIP.to_owned(), format!("{SHIP} --co-sign")] {
        let said = ends(&alice, 1, &line);
        assert!(said.contains("you are not among those who may call an emergency on production"), "{said}");
    }
    assert_eq!(reviews(&scene), Vec::<String>::new());
}

#[test]
fn a_reason_is_one_line_of_plain_words() {
    let scene = urgent();
    let dana = Desk::of(&scene, "dana");
    for reason in
        ["", "  ", "$(printf 'a\\nCountersigned: b')", "$(printf 'a\\033[31m')", "$(printf '%201s' | tr ' ' x)"]
    {
        let said = ends(&dana, 3, &format!("git countersign ship production --emergency \"{reason}\" --yes"));
        assert!(said.contains("this is no emergency: "), "{reason}\n{said}");
    }
}

#[test]
fn where_the_policy_knows_none_there_is_none() {
    let scene = scene_with("[review.main]\n[ship.production]\nfrom = [\"main\"]\nby = \"operators\"\n");
    let dana = Desk::of(&scene, "dana");
    let said = ends(&dana, 1, SHIP);
    assert!(said.contains("no rule of the policy knows emergencies on production"), "{said}");
    // Nor does the server keep an approval of one.
    let word = scene
        .statement("erin", scene.root)
        .set("ref", "refs/heads/production")
        .set("tree", scene.tree_of(scene.root));
    scene.review(&word).refused("void-review");
}

#[test]
fn a_release_can_be_one() {
    let scene = urgent();
    let [dana, erin] = ["dana", "erin"].map(|who| Desk::of(&scene, who));
    let line = "git countersign ship --tag v1 --emergency 'INC-124 the old one is gone' --yes";
    ends(&erin, 0, &format!("{line} --co-sign"));
    assert!(prune(&scene).contains("removed 0 reviews; 1 stay"));
    let said = ends(&dana, 0, line);
    assert!(said.contains("called by Erin Eze as well") && said.contains("--onto refs/tags/v1"), "{said}");
    assert!(dana.run("git cat-file tag v1").contains("\nEmergency: INC-124 the old one is gone\n"));
    // The word has done its work. The review afterwards says something else.
    assert_eq!(reviews(&scene), Vec::<String>::new());
}
