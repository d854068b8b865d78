//! The small truths of the nouns.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

use arbtest::arbtest;
use countersign::model::{
    CheckName, CheckPlace, CommitId, Pattern, RefName, ReviewPlace, Time,
    text::{cut, escape, shell_word},
    time::duration,
};

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

#[test]
fn a_review_has_one_place_and_a_place_one_name() {
    let head = "89e3985f1f104d40bc75162eede7b809d79a2d40";
    let place = |name: String| RefName::new(name).and_then(|name| ReviewPlace::from_ref(&name));
    let name = format!("refs/countersign/reviews/{head}/bob/heads/release/1");
    let read = place(name.clone()).unwrap();
    assert_eq!((read.head.to_string().as_str(), read.person.as_str()), (head, "bob"));
    assert_eq!(read.target, RefName::branch("release/1"));
    assert_eq!(read.ref_name().unwrap().as_str(), name);
    for odd in [
        format!("refs/countersign/reviews/{head}/bob"),
        format!("refs/countersign/reviews/{head}//heads/main"),
        format!("refs/countersign/reviews/{head}/bob/"),
        format!("refs/countersign/reviews/{}/bob/heads/main", head.to_uppercase()),
        "refs/countersign/reviews/89e3985/bob/heads/main".to_owned(),
        format!("refs/Countersign/reviews/{head}/bob/heads/main"),
    ] {
        assert_eq!(place(odd.clone()), None, "{odd}");
    }
    let slash = ReviewPlace { person: "a/b".to_owned(), ..read };
    assert_eq!(slash.ref_name(), None);
}

#[test]
fn a_result_has_one_place_and_a_place_one_name() {
    let head = "89e3985f1f104d40bc75162eede7b809d79a2d40";
    let place = |name: &str| RefName::new(name).and_then(|name| CheckPlace::from_ref(&name));
    let name = format!("refs/countersign/checks/{head}/ci+test/jenkins");
    let read = place(&name).unwrap();
    assert_eq!((read.head.to_string().as_str(), read.check.as_str()), (head, "ci/test"));
    assert_eq!(read.service, "jenkins");
    assert_eq!(read.ref_name().unwrap().as_str(), name);
    for odd in [
        name.replace("/jenkins", ""),
        name.replace("jenkins", ""),
        name.replace("jenkins", "a/b"),
        name.replace("ci+test", ""),
        name.replace("ci+test", "ci+"),
        name.replace("ci+test", "ci/test"),
        name.replace("ci+test", "..+test"),
        name.replace("ci+test", "ci:test"),
        name.replace(head, &head.to_uppercase()),
        name.replace(head, "89e3985"),
        name.replace("countersign", "Countersign"),
    ] {
        assert_eq!(place(&odd), None, "{odd}");
    }
    // `ci` stands beside `ci/test`, and no two checks share a name.
    assert_ne!(place(&name.replace("ci+test", "ci")).unwrap(), read);
    assert_eq!(CheckPlace { service: "a/b".to_owned(), ..read }.ref_name(), None);
}

#[test]
fn a_check_has_a_name_that_a_ref_can_hold() {
    for fine in ["ci", "ci/test", "ci/a/b", "a_b-c.d", "1", "x".repeat(128).as_str()] {
        let name = CheckName::new(fine).unwrap();
        assert_eq!(CheckName::from_ref_part(&name.in_ref()), Some(name));
    }
    for odd in
        ["", "/", "a/", "/a", "a//b", ".", "..", "a/..", ".a", "a.", "a..b", "-a", "a/-b", "a+b", "a:b", "a b"]
    {
        assert_eq!(CheckName::new(odd), None, "{odd}");
    }
    for odd in ["a.lock", "a/b.LOCK", "\u{430}", "a\n", "a\u{202e}", "x".repeat(129).as_str()] {
        assert_eq!(CheckName::new(odd), None, "{odd}");
    }
}

#[test]
fn one_star_stops_at_a_slash_and_two_do_not() {
    for (text, matching, not) in [
        ("main", &["main"][..], &["Main", "main/x", "mai", "mainx"][..]),
        ("release/*", &["release/1", "release/"], &["release/1/x", "release", "xrelease/1"]),
        ("release/**", &["release/1", "release/1/x"], &["release", "releases/1"]),
        ("**", &["main", "a/b/c"], &[]),
        ("*/*", &["a/b"], &["a", "a/b/c"]),
        ("v*.*", &["v1.2", "v.."], &["v1", "1.2"]),
    ] {
        for name in matching {
            assert!(pattern(text).matches(name), "{text} matches {name}");
        }
        for name in not {
            assert!(!pattern(text).matches(name), "{text} does not match {name}");
        }
    }
}

#[test]
fn a_path_matches_whatever_a_checkout_makes_of_it() {
    for (text, matching, not) in [
        ("deploy/**", &["deploy/x", "deploy/a/b", "deploy", "Deploy/X"][..], &["deployment/x", "a/deploy/x"][..]),
        ("deploy", &["deploy", "deploy/x", "DEPLOY/a/b", "a/deploy", "a/deploy/x"], &["deployment", "a/redeploy"]),
        ("deploy/*", &["deploy/x", "deploy/x/y"], &["deploy", "deployment"]),
        (
            "**/secret/**",
            &["secret/x", "a/secret/x", "a/b/secret/c/d"],
            &["mysecret/x", "a/mysecret/x", "secrets/x"],
        ),
        ("a/**/z", &["a/z", "a/b/z", "a/b/c/z", "a/z/below"], &["a/bz", "az"]),
        ("*.toml", &["Cargo.toml", "a/Cargo.toml", "a/b.toml/c"], &["Cargo.lock", "a/Cargo.lock"]),
        ("**/*.toml", &["Cargo.toml", "a/b/Cargo.TOML"], &["Cargo.lock"]),
        // Composed and decomposed, as two systems write one name.
        ("\u{e9}t\u{e9}/**", &["e\u{301}te\u{301}/x", "\u{c9}T\u{c9}/x"], &["ete/x"]),
    ] {
        for path in matching {
            assert!(pattern(text).matches_path(path), "{text} matches {path}");
        }
        for path in not {
            assert!(!pattern(text).matches_path(path), "{text} does not match {path}");
        }
    }
}

#[test]
fn what_other_tools_would_read_more_into_is_no_pattern() {
    for text in ["", "a?", "[ab]", "{a,b}", "a\\*", "!main", "a***", "a\u{200b}b", "*a*a*a*a*a*a*a*a*a"] {
        assert!(Pattern::parse(text).is_err(), "{text:?}");
    }
}

/// A path pattern guards at least what it matches as a name.
#[test]
fn a_path_pattern_guards_no_less_than_it_says() {
    arbtest(|u| {
        let letters = ["a", "b", "/", "*", "**", "."];
        let some = |u: &mut arbtest::arbitrary::Unstructured<'_>, from: &[&str]| {
            (0..u.int_in_range(1..=6)?)
                .map(|_| u.choose(from).copied())
                .collect::<arbtest::arbitrary::Result<String>>()
        };
        let text = some(u, &letters)?;
        let name = some(u, &["a", "b", "/", "."])?;
        if let Ok(pattern) = Pattern::parse(&text)
            && pattern.matches(&name)
        {
            assert!(pattern.matches_path(&name), "{text} {name}");
        }
        Ok(())
    });
}

#[test]
fn a_time_has_one_spelling() {
    let text = "2026-11-24T04:09:53Z";
    assert_eq!(Time::from_statement(text).unwrap().to_string(), text);
    for other in [
        "2026-11-24T04:09:53",
        "2026-11-24 04:09:53Z",
        "2026-11-24T04:09:53+00:00",
        "2026-11-24T4:09:53Z",
        "2026-11-24T04:09:60Z",
        "2026-02-30T04:09:53Z",
        " 2026-11-24T04:09:53Z",
        "2026-11-24T04:09:53.0Z",
        "",
    ] {
        assert!(Time::from_statement(other).is_none(), "{other:?}");
    }
    assert_eq!(Time(0).day(), "1970-01-01");
    assert_eq!((duration(30 * 86_400), duration(90), duration(5_400)), ("30d".into(), "90s".into(), "90m".into()));
}

#[test]
fn an_id_has_one_spelling() {
    let hex = "89e3985f1f104d40bc75162eede7b809d79a2d40";
    assert_eq!(CommitId::from_hex(hex).unwrap().to_string(), hex);
    assert_eq!(CommitId::from_hex(hex).unwrap().short(), "89e3985");
    assert!(CommitId::from_hex(&hex.to_uppercase()).is_none());
    assert!(CommitId::from_hex(hex.get(1..).unwrap()).is_none());
}

#[test]
fn a_ref_is_called_by_its_short_name() {
    let short = |full: &str| RefName::new(full).unwrap().short().to_owned();
    assert_eq!(
        (short("refs/heads/a/b"), short("refs/tags/v1"), short("refs/x")),
        ("a/b".into(), "v1".into(), "refs/x".into())
    );
    for full in ["main", "refs", "refs/heads/a b", "refs/heads/a\n"] {
        assert!(RefName::new(full).is_none(), "{full:?}");
    }
}

#[test]
fn what_is_escaped_shows_itself_and_nothing_else() {
    assert_eq!(escape("\u{1b}[31m \u{202e}x\u{7f}\u{9b}\u{feff}"), "\\u{1b}[31m \\u{202e}x\\u{7f}\\u{9b}\\u{feff}");
    assert_eq!(escape("J\u{fc}rgen \\ C:\\dir"), "J\u{fc}rgen \\ C:\\dir");
    // Nobody feigns an escape.
    assert_eq!(escape("\\u{1b}"), "\\u{5c}u{1b}");
    arbtest(|u| {
        let text: String = u.arbitrary()?;
        assert!(!escape(&text).chars().any(char::is_control));
        Ok(())
    });
}

#[test]
fn a_word_is_one_word_for_a_shell() {
    assert_eq!(shell_word("origin/main"), "origin/main");
    for word in ["", "a b", "$(touch x)", "`x`", "it's", ";", "~root", "!!", "*", "a\nb", "-x;"] {
        let ran =
            std::process::Command::new("sh").args(["-c", &format!("printf %s {}", shell_word(word))]).output();
        assert_eq!(String::from_utf8(ran.unwrap().stdout).unwrap(), word);
    }
    assert_eq!(cut("0123456789", 8), "01234...");
}
