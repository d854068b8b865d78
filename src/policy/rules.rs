//! `[review.X]`, `[ship.X]`, `[release.X]` and `[guard.X]`: what is asked of which refs.

use std::collections::{BTreeMap, HashMap};

use super::{
    checks, duties,
    faults::Faults,
    keys::{self, Table},
    refs,
    roles::Roles,
    section::{Section, Word, place},
    shipping,
    source::Span,
    units,
};
use crate::model::{
    Pattern,
    policy::{Authors, Duty, Guard, PathRule, Review, Rule, Who},
};

/// A rule, with the places that later checks point to.
pub(super) struct Placed {
    pub(super) rule: Rule,
    pub(super) at: Span,
    pub(super) places: Places,
}

/// Where parts of a rule are written, each list as long and in the order of what it speaks of.
#[derive(Default)]
pub(super) struct Places {
    pub(super) accepts: Vec<Span>,
    pub(super) paths: Vec<Span>,
    pub(super) from: Vec<Span>,
    pub(super) checks: Vec<Span>,
    pub(super) emergency: Option<Span>,
    pub(super) retract: Option<Span>,
}

/// The tables that hold rules.
#[derive(Clone, Copy)]
enum Kind {
    Review,
    Ship,
    Release,
    Guard,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Review, Self::Ship, Self::Release, Self::Guard];

    fn key(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Ship => "ship",
            Self::Release => "release",
            Self::Guard => "guard",
        }
    }

    fn table(self) -> Table {
        match self {
            Self::Review => Table::Review,
            Self::Ship => Table::Ship,
            Self::Release => Table::Release,
            Self::Guard => Table::Guard,
        }
    }
}

/// Reads the rules of all duties, in the order of the file.
pub(super) fn read<'t>(top: Section<'t>, roles: &Roles<'t>, faults: &mut Faults<'_>) -> Vec<Placed> {
    let mut rules = Vec::new();
    for kind in Kind::ALL {
        let mut seen: HashMap<String, u32> = HashMap::new();
        for (name, node) in top.named(kind.key(), faults) {
            let pattern = match kind {
                Kind::Review | Kind::Guard => refs::read(name, faults),
                Kind::Ship => refs::read_deploy(name, faults),
                Kind::Release => refs::read_release(name, faults),
            };
            if let Some(pattern) = &pattern {
                once(kind.key(), name, pattern, &mut seen, faults);
            }
            let Some(section) = Section::of(name, node, kind.table(), faults) else { continue };
            let mut reader = Reader { section, roles, faults: &mut *faults };
            let placed = reader.rule(name, kind, pattern);
            rules.extend(placed);
        }
    }
    rules.sort_by_key(|placed| placed.at);
    duties::judge(&rules, faults);
    rules
}

/// `main` and `refs/heads/main` are one pattern: two rules of one duty for it would be read as one.
fn once(key: &str, name: Word<'_>, pattern: &Pattern, seen: &mut HashMap<String, u32>, faults: &mut Faults<'_>) {
    if let Some(line) = seen.insert(pattern.as_str().to_owned(), faults.line(name.at)) {
        let message = format!("`{}` has a `[{key}]` on line {line} already: both mean {pattern}", name.text);
        faults.error(name.at, message).help("put all of its keys into one table");
    }
}

struct Reader<'r, 't, 'f> {
    section: Section<'t>,
    roles: &'r Roles<'t>,
    faults: &'r mut Faults<'f>,
}

impl<'t> Reader<'_, 't, '_> {
    /// `None` where it has no pattern, which is a fault already.
    fn rule(&mut self, name: Word<'t>, kind: Kind, pattern: Option<Pattern>) -> Option<Placed> {
        let mut places = Places { emergency: self.section.place("emergency"), ..Places::default() };
        let duty = match kind {
            Kind::Review => {
                let mut review = self.review();
                (review.accepts_from, places.accepts) = self.patterns("accepts-from").into_iter().unzip();
                (review.paths, places.paths) = self.paths(&review).into_iter().unzip();
                (review.checks, places.checks) = checks::asked(self.section, self.faults).into_iter().unzip();
                Duty::Review(review)
            }
            Kind::Ship => Duty::Ship(shipping::ship(name, self.section, self.roles, &mut places, self.faults)),
            Kind::Release => {
                places.retract = self.section.place("retract");
                Duty::Release(shipping::release(name, self.section, self.roles, &mut places, self.faults))
            }
            Kind::Guard => Duty::Guard(self.guard(name)),
        };
        let except = self.except(kind, pattern.as_ref());
        let rule = Rule {
            name: name.text.to_owned(),
            pattern: pattern?,
            except,
            duty,
            line: self.faults.line(name.at),
            lines: self.lines(kind.table()),
        };
        Some(Placed { rule, at: name.at, places })
    }

    /// Everything but `accepts-from`, `paths` and `checks`.
    fn review(&mut self) -> Review {
        let (hardware, user_verification) = security_keys(self.section, self.faults);
        Review {
            write: self.who("write").unwrap_or(Who::Anyone),
            by: self.who("by").unwrap_or(Who::Anyone),
            approvals: self.section.count("approvals", self.faults).unwrap_or(1),
            max_age: self.duration("max-age"),
            push: self.who("push"),
            authors: self.authors(),
            paths: Vec::new(),
            create_from: self.patterns("create-from").into_iter().map(|(pattern, _)| pattern).collect(),
            accepts_from: Vec::new(),
            unsigned_merges: self.switch("unsigned-merges").unwrap_or_default(),
            hardware,
            user_verification,
            checks: Vec::new(),
            emergency: shipping::emergency(self.section, self.roles, self.faults),
        }
    }

    fn guard(&mut self, name: Word<'_>) -> Guard {
        let mut asks = keys::of(Table::Guard).iter().filter(|spec| spec.name != "except");
        if !asks.any(|spec| self.section.place(spec.name).is_some()) {
            let said = self.faults.warning(name.at, format!("this guard of `{}` asks for nothing", name.text));
            said.help("for example: rewind = false");
        }
        Guard {
            signed: self.switch("signed").unwrap_or(false),
            rewind: self.switch("rewind").unwrap_or(true),
            create: self.switch("create").unwrap_or(true),
            update: self.switch("update").unwrap_or(true),
            delete: self.switch("delete").unwrap_or(true),
            push: self.who("push"),
        }
    }

    fn paths(&mut self, review: &Review) -> Vec<(PathRule, Span)> {
        let mut paths = Vec::new();
        for (name, node) in self.section.named("paths", self.faults) {
            let pattern = refs::read_path(name, self.faults);
            let Some(section) = Section::of(name, node, Table::Path, self.faults) else { continue };
            if section.place("approvals").is_none() && section.place("by").is_none() {
                let message = format!("`{}` asks for nothing more than the rule does", name.text);
                self.faults.error(name.at, message).help("for example: { approvals = 2, by = \"operators\" }");
            }
            let by = section.text("by", self.faults).map(|role| self.roles.who(role, self.faults));
            let approvals = section.count("approvals", self.faults).unwrap_or(1);
            let (by, line) = (by.unwrap_or_else(|| review.by.clone()), self.faults.line(name.at));
            paths.extend(pattern.map(|pattern| (PathRule { pattern, approvals, by, line }, name.at)));
        }
        paths
    }

    fn except(&mut self, kind: Kind, pattern: Option<&Pattern>) -> Vec<Pattern> {
        let read = match kind {
            Kind::Release => refs::read_tag,
            Kind::Review | Kind::Ship | Kind::Guard => refs::read,
        };
        let words = self.section.texts("except", self.faults);
        let patterns: Vec<(Pattern, Span)> = words
            .into_iter()
            .filter_map(|word| read(word, self.faults).map(|pattern| (pattern, word.at)))
            .collect();
        let mut except = Vec::new();
        for (taken_out, at) in patterns {
            if let Some(pattern) = pattern {
                if taken_out == *pattern || pattern.is_exact() && taken_out.matches(pattern.as_str()) {
                    let message = format!("this takes out everything that the rule covers ({pattern})");
                    self.faults.error(at, message);
                } else if !taken_out.may_overlap(pattern) {
                    let message = format!("{taken_out} is not covered by the rule ({pattern}) in the first place");
                    self.faults.warning(at, message);
                }
            }
            except.push(taken_out);
        }
        except
    }

    fn patterns(&mut self, key: &str) -> Vec<(Pattern, Span)> {
        let words = self.section.texts(key, self.faults);
        words
            .into_iter()
            .filter_map(|word| refs::read(word, self.faults).map(|pattern| (pattern, word.at)))
            .collect()
    }

    fn who(&mut self, key: &str) -> Option<Who> {
        let word = self.section.text(key, self.faults)?;
        Some(self.roles.who(word, self.faults))
    }

    fn switch(&mut self, key: &str) -> Option<bool> {
        self.section.switch(key, self.faults)
    }

    fn authors(&mut self) -> Authors {
        let Some(word) = self.section.text("authors", self.faults) else { return Authors::Any };
        match word.text {
            "any" => {}
            "known" => return Authors::Known,
            _ => self
                .faults
                .error(word.at, "`authors` must be \"any\" or \"known\"")
                .help("\"known\": commits carry names of people and services of the policy only"),
        }
        Authors::Any
    }

    fn duration(&mut self, key: &str) -> Option<u64> {
        duration(self.section, key, self.faults)
    }

    fn lines(&self, table: Table) -> BTreeMap<&'static str, u32> {
        let line = |name| self.section.place(name).map(|at| (name, self.faults.line(at)));
        keys::of(table).iter().filter_map(|spec| line(spec.name)).collect()
    }
}

/// `hardware` and `user-verification`: the second asks for the first.
pub(super) fn security_keys(section: Section<'_>, faults: &mut Faults<'_>) -> (bool, bool) {
    let user_verification = section.switch("user-verification", faults).unwrap_or_default();
    let hardware = section.switch("hardware", faults);
    if let (true, Some(false), Some(at)) = (user_verification, hardware, section.place("user-verification")) {
        let message = "only a security key knows whether a PIN was given, and `hardware = false` asks for none";
        faults.error(at, message).help("leave `hardware` out, or make it `true`");
    }
    (hardware.unwrap_or_default() || user_verification, user_verification)
}

/// Seconds of a key.
pub(super) fn duration(section: Section<'_>, key: &str, faults: &mut Faults<'_>) -> Option<u64> {
    let node = section.node(key)?;
    let Some(text) = node.get_ref().as_str() else {
        section.wrong(key, node, faults);
        return None;
    };
    let seconds = units::duration(text);
    if seconds.is_none() {
        let message = format!("`{key}` is a number of `m`inutes, `h`ours or `d`ays, more than none");
        let unblanked = units::unblanked(text, units::duration);
        faults.error(place(node), message).maybe_help(unblanked.or_else(|| section.example(key)));
    }
    seconds
}
