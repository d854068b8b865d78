//! Where statements stand in a message (rows 20 and 21), and where git sees them.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use arbtest::arbtest;
use countersign::{
    model::{policy::Limits, review::ReviewFault, statement::StatementFault},
    verify::statement::{Signed, alone, longest_alone, render, trailers},
};

use super::statement::{all, folded};

const LINES: &str = "countersign-v1\nby bob@example.org\nat 2026-11-24T04:09:53Z\nverdict approve\nrepo r\n\
                     ref refs/heads/main\nhead 89e3985f1f104d40bc75162eede7b809d79a2d40\n\
                     base 1104b7b554be7f87b1765c72f8122541c1585995\ntree auto\n";

fn trailer() -> String {
    folded(LINES, "AAAA AAAA")
}

#[test]
fn folding_wrapping_case_and_place_do_not_matter() {
    let one_line = trailer().replace("\n ", " ");
    for message in [
        format!("Merge\n\n{}", trailer()),
        trailer(),
        trailer().trim_end().to_owned(),
        one_line.clone(),
        trailer().replace('\n', "\r\n"),
        one_line.replace(' ', "\n\t\t  "),
        trailer().replace("Countersigned: ", "COUNTERSIGNED:"),
        trailer().replace("Countersigned: ", "countersigned:\n "),
        format!("Merge\n\n{}\nmore prose\n", trailer()),
        format!("Merge\nprose\n{}prose\n", trailer()),
        format!("Merge\n\nReviewed-by: x\n{one_line}Signed-off-by: y\n"),
    ] {
        let mut found = all(message.as_bytes());
        assert_eq!(found.len(), 1, "{message}");
        let signed = found.remove(0).read.unwrap();
        assert_eq!((render(&signed.statement).as_str(), &signed.signature[..]), (LINES, &[0; 6][..]));
    }
}

#[test]
fn what_is_quoted_indented_or_inside_a_line_is_not_read() {
    for message in [
        trailer().replace("Countersigned", "> Countersigned"),
        trailer().replace("Countersigned", "    Countersigned"),
        trailer().replace("Countersigned", " Countersigned"),
        trailer().replace("Countersigned", "see Countersigned"),
        trailer().replace("Countersigned:", "Countersigned :"),
        trailer().replace("Countersigned:", "Countersigned-by:"),
        trailer().replace("Countersigned:", "Countersigned"),
        format!("x\rCountersigned: {LINES}"),
        String::new(),
        "\n\n".to_owned(),
        "Countersigned".to_owned(),
    ] {
        assert!(all(message.as_bytes()).is_empty(), "{message}");
    }
}

#[test]
fn an_empty_line_ends_it() {
    for empty in ["\n", " \n", " \t\r\n", "\r\n"] {
        let cut = trailer().replace(" ref refs/heads/main\n", &format!("{empty} ref refs/heads/main\n"));
        assert_eq!(all(cut.as_bytes()).remove(0).read, Err(StatementFault::Ends("ref")), "{empty:?}");
    }
}

#[test]
fn each_stands_for_itself() {
    let void = trailer().replace("verdict approve", "verdict maybe");
    let message = format!("Merge\n\n{}{void}{}", trailer(), trailer());
    let found = all(message.as_bytes());
    let read: Vec<bool> = found.iter().map(|trailer| trailer.read.is_ok()).collect();
    assert_eq!(read, [true, false, true]);
}

#[test]
fn one_over_the_limit_is_read_no_further() {
    let limits = Limits::default();
    let many = |count: usize| trailers(trailer().repeat(count).as_bytes(), &limits, gix::hash::Kind::Sha1);
    assert_eq!(many(64).unwrap().len(), 64);
    assert_eq!(many(65).unwrap_err(), 65);

    // As many bytes as a signature may have pass, one more does not.
    let value = trailer().len() - "Countersigned:".len();
    for (allowed, void) in [(value, None), (value - 1, Some(StatementFault::TooLong(value as u64 - 1)))] {
        let limits = Limits { signature_bytes: allowed as u64, ..Limits::default() };
        let found = trailers(trailer().as_bytes(), &limits, gix::hash::Kind::Sha1).unwrap().remove(0);
        assert_eq!(found.read.err(), void);
    }
}

#[test]
fn a_megabyte_takes_no_time() {
    let megabyte = 1 << 20;
    let fill = |unit: &str| unit.repeat(megabyte / unit.len());
    for hostile in [
        format!("Countersigned: countersign-v1 by {}", fill("x")),
        format!("Countersigned: {}", fill("\n ")),
        format!("Countersigned: {}", fill(" x\n")),
        fill("Countersigned:\n"),
        fill("\n"),
        fill(" x\n"),
        fill("a: b\n "),
        folded(LINES, &fill("A ")),
    ] {
        let start = Instant::now();
        match trailers(hostile.as_bytes(), &Limits::default(), gix::hash::Kind::Sha1) {
            Ok(found) => assert!(found.iter().all(|trailer| trailer.read.is_err())),
            Err(count) => assert_eq!(count as usize, megabyte / "Countersigned:\n".len()),
        }
        // Unoptimised and on a busy machine; quadratic reading would take minutes.
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_note_says_where_git_does_not_list_it() {
    let t = trailer();
    for (message, listed) in [
        (format!("Merge\n\n{t}"), true),
        (format!("Merge\n\nprose\n\n{t}\n\n"), true),
        (format!("Merge\n\nReviewed-by: x\n{t}"), true),
        (format!("Merge\n\nprose\n{t}Signed-off-by: x\n"), true),
        (format!("Merge\n\n{}{t}Signed-off-by: x\n", "prose\n".repeat(6)), true),
        (format!("Merge\n\n{}{t}Signed-off-by: x\n", "prose\n".repeat(7)), false),
        (t.clone(), false),
        (format!("Merge\n{t}"), false),
        (format!("Merge\n\nprose\n{t}"), false),
        (format!("Merge\n\n{t}\nmore\n"), false),
    ] {
        let found = all(message.as_bytes());
        assert_eq!(found[0].listed, listed, "{message}");
        assert_eq!(git_lists(message.as_bytes()), listed, "{message}");
    }
}

#[test]
fn git_lists_what_we_say_it_lists() {
    const PIECES: [&str; 12] = [
        "Countersigned: x\n",
        " folded\n",
        "\tfolded\n",
        "\n",
        " \n",
        "prose of a kind\n",
        "Reviewed-by: somebody\n",
        "Key :\n",
        "Signed-off-by: somebody\n",
        "(cherry picked from commit 1)\n",
        "# remark\n",
        ": x\n",
    ];
    arbtest(|u| {
        let mut message = String::from("Subject\n");
        for _ in 0..u.int_in_range(1..=14)? {
            message += u.choose(&PIECES)?;
        }
        let ours = all(message.as_bytes()).iter().any(|trailer| trailer.listed);
        assert_eq!(ours, git_lists(message.as_bytes()), "{message:?}");
        Ok(())
    })
    .budget_ms(2_000);
}

/// Whether `git interpret-trailers` finds a `Countersigned` trailer.
fn git_lists(message: &[u8]) -> bool {
    let mut child = Command::new("git")
        .args(["interpret-trailers", "--parse", "--no-divider"])
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_DIR", "/nowhere")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(message).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).lines().any(|line| line.starts_with("Countersigned:"))
}

#[test]
fn no_message_stops_the_reader() {
    arbtest(|u| {
        let mut message: Vec<u8> = u.arbitrary()?;
        let at = u.int_in_range(0..=message.len())?;
        message.splice(at..at, trailer().into_bytes());
        for _ in 0..u.int_in_range(0..=4)? {
            let at = u.choose_index(message.len())?;
            message[at] = u.arbitrary()?;
        }
        for kind in [gix::hash::Kind::Sha1, gix::hash::Kind::Sha256] {
            let _ = trailers(&message, &Limits::default(), kind);
        }
        Ok(())
    });
}

// ---- one that stands alone, as a review ref holds it

fn alone_in(text: impl AsRef<[u8]>) -> Result<Signed, ReviewFault> {
    alone(text.as_ref(), &Limits::default(), gix::hash::Kind::Sha1)
}

#[test]
fn one_statement_alone_is_the_one_of_the_message() {
    let read = all(trailer().as_bytes()).remove(0).read.unwrap();
    let one_line = trailer().trim_end().replace("\n ", " ");
    for text in [
        trailer(),
        trailer().trim_end().to_owned(),
        one_line,
        trailer().replace('\n', "\r\n"),
        format!("\n \r\n\t\n{}\n  \n\u{b}\n", trailer()),
        trailer().replace("Countersigned", "countersigned"),
    ] {
        assert_eq!(alone_in(&text).unwrap(), read, "{text:?}");
    }
}

#[test]
fn nothing_stands_beside_one_that_stands_alone() {
    let one = trailer();
    for text in ["", "\n\n", "words\n", LINES, " Countersigned: x\n", "Countersigned x\n"] {
        assert_eq!(alone_in(text), Err(ReviewFault::Statements(0)), "{text:?}");
    }
    assert_eq!(alone_in(one.repeat(2)), Err(ReviewFault::Statements(2)));
    assert_eq!(alone_in(format!("{one}countersigned:\n{one}")), Err(ReviewFault::Statements(3)));
    for text in [
        format!("x\n{one}"),
        format!("{one}x"),
        format!("{one}\n x\n"),
        format!("\u{feff}\n{one}"),
        format!("{one}\0"),
        format!("{one}\u{a0}\n"),
        one.replace(" tree", "\n tree"),
    ] {
        assert_eq!(alone_in(&text), Err(ReviewFault::Beside), "{text:?}");
    }
    assert_eq!(alone_in("Countersigned: x\n"), Err(ReviewFault::Void(StatementFault::Version("countersign-v1"))));
    assert_eq!(alone_in(one.replace("auto", "\u{430}uto")), Err(ReviewFault::Void(StatementFault::Character)));
}

#[test]
fn one_that_stands_alone_is_not_long() {
    let limits = Limits { signature_bytes: 1_000, ..Limits::default() };
    let at_most = usize::try_from(longest_alone(&limits)).unwrap();
    let padded = |length: usize| format!("{}{}", trailer(), "\n".repeat(length - trailer().len()));
    let read = |text: String| alone(text.as_bytes(), &limits, gix::hash::Kind::Sha1);
    assert!(read(padded(at_most)).is_ok());
    assert_eq!(read(padded(at_most + 1)), Err(ReviewFault::TooLong(longest_alone(&limits))));
    let long = folded(LINES, &"AAAA".repeat(300));
    assert_eq!(read(long), Err(ReviewFault::Void(StatementFault::TooLong(1_000))));
}
