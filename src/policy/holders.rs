//! `[people]` and `[services]`: who there is, and what belongs to whom. One key, one e-mail address and one account
//! belong to exactly one of them: else one human could be writer and reviewer under two names.

use std::collections::HashMap;

use super::{
    checks,
    faults::Faults,
    keys::Table,
    section::{Node, Section, Word, wrong_type},
    ssh::{self, Secret},
    units,
};
use crate::model::{
    Fingerprint, Holder, Key, PersonId, ServiceId, Time,
    policy::{Person, Service},
    text::{fold, is_hidden},
};

/// Where the server's word for a pusher may come from.
const ACCOUNT_SOURCES: [&str; 4] = ["env", "gitea", "gitlab", "gitolite"];

/// Everybody.
#[derive(Default)]
pub(super) struct Holders<'t> {
    pub(super) people: Vec<Person>,
    pub(super) services: Vec<Service>,
    pub(super) keys: HashMap<Fingerprint, Key>,
    pub(super) emails: HashMap<String, Holder>,
    pub(super) accounts: HashMap<String, Holder>,
    /// Ids of both.
    pub(super) by_id: HashMap<&'t str, Holder>,
    /// Ids and e-mail addresses with their places, to be compared by how they look.
    pub(super) words: Vec<(Word<'t>, Holder)>,
    /// Names of checks that services attest.
    pub(super) checks: Vec<Word<'t>>,
    lines: Lines<'t>,
    rsa_bits: u32,
}

/// Where each thing that belongs to somebody was seen first.
#[derive(Default)]
struct Lines<'t> {
    secrets: HashMap<Secret, (Holder, u32)>,
    emails: HashMap<String, u32>,
    accounts: HashMap<&'t str, u32>,
}

/// Reads both tables.
pub(super) fn read<'t>(top: Section<'t>, rsa_bits: u32, faults: &mut Faults<'_>) -> Holders<'t> {
    let mut holders = Holders { rsa_bits, ..Holders::default() };
    let (people, services) = (top.named("people", faults), top.named("services", faults));
    holders.reserve(people.len() + services.len());
    for (id, node) in people {
        holders.person(id, node, faults);
    }
    for (id, node) in services {
        holders.service(id, node, faults);
    }
    holders
}

impl<'t> Holders<'t> {
    /// Room for what so many usually have, since a table that grows is filled again and again.
    fn reserve(&mut self, holders: usize) {
        const KEYS: usize = 2;
        self.people.reserve(holders);
        self.by_id.reserve(holders);
        self.words.reserve(holders * 2);
        self.emails.reserve(holders);
        self.lines.emails.reserve(holders);
        self.keys.reserve(holders * KEYS);
        self.lines.secrets.reserve(holders * KEYS);
    }

    fn person(&mut self, id: Word<'t>, node: &'t Node<'t>, faults: &mut Faults<'_>) {
        let holder = Holder::Person(PersonId(index(self.people.len())));
        self.take_id(id, holder, faults);
        let mut person =
            Person { id: id.text.to_owned(), name: None, emails: Vec::new(), line: faults.line(id.at) };
        // A place in the list even for what cannot be read: the ids of those that follow depend on it.
        let Some(section) = Section::of(id, node, Table::Person, faults) else {
            self.people.push(person);
            return;
        };
        person.name =
            section.text("name", faults).filter(|name| is_name(*name, faults)).map(|name| name.text.into());
        person.emails = self.take_emails(section, holder, faults);
        self.people.push(person);
        self.take_accounts(section, holder, faults);
        self.take_keys(section, holder, faults);
        if section.place("keys").is_some() && section.place("emails").is_none() {
            let message =
                format!("`{}` has keys and no e-mail address, so nothing that they sign can count", id.text);
            faults
                .warning(id.at, message)
                .help("commits and countersignatures name one of their signer's `emails`");
        }
    }

    fn service(&mut self, id: Word<'t>, node: &'t Node<'t>, faults: &mut Faults<'_>) {
        let holder = Holder::Service(ServiceId(index(self.services.len())));
        self.take_id(id, holder, faults);
        let mut service = Service {
            id: id.text.to_owned(),
            emails: Vec::new(),
            merges: false,
            writes: false,
            attests: Vec::new(),
            line: faults.line(id.at),
        };
        let Some(section) = Section::of(id, node, Table::Service, faults) else {
            self.services.push(service);
            return;
        };
        service.emails = self.take_emails(section, holder, faults);
        service.merges = section.switch("merges", faults).unwrap_or_default();
        service.writes = section.switch("writes", faults).unwrap_or_default();
        service.attests = checks::attested(section, &mut self.checks, faults);
        if let (true, true, Some(at)) = (service.writes, service.emails.is_empty(), section.place("writes")) {
            let message = format!("`{}` writes commits and has no e-mail address to name in them", id.text);
            faults.error(at, message).help("add `emails = [\"...\"]`: the committer of its commits");
        }
        if let (false, false, Some(at)) = (service.attests.is_empty(), id.text.is_ascii(), section.place("attests"))
        {
            let message = format!("`{}` attests checks, and a statement cannot name it", id.text);
            faults.error(at, message).help("a statement holds ASCII only: give the service another id");
        }
        self.services.push(service);
        self.take_accounts(section, holder, faults);
        self.take_keys(section, holder, faults);
    }

    /// The id of a holder that was read before.
    fn whose(&self, holder: Holder) -> &str {
        match holder {
            Holder::Person(id) => self.people.get(id.0 as usize).map_or("?", |person| &person.id),
            Holder::Service(id) => self.services.get(id.0 as usize).map_or("?", |service| &service.id),
        }
    }

    /// The line where it begins.
    fn line_of(&self, holder: Holder) -> u32 {
        match holder {
            Holder::Person(id) => self.people.get(id.0 as usize).map(|person| person.line),
            Holder::Service(id) => self.services.get(id.0 as usize).map(|service| service.line),
        }
        .unwrap_or_default()
    }

    fn take_id(&mut self, id: Word<'t>, holder: Holder, faults: &mut Faults<'_>) {
        is_id(id, faults);
        self.words.push((id, holder));
        let first = *self.by_id.entry(id.text).or_insert(holder);
        if first == holder {
            return;
        }
        let line = self.line_of(first);
        let message = format!("`{}` is a person already, on line {line}", id.text);
        faults.error(id.at, message).help("a service never stands for a person: give it another name");
    }

    fn take_emails(&mut self, section: Section<'t>, holder: Holder, faults: &mut Faults<'_>) -> Vec<String> {
        let mut emails = Vec::new();
        for email in section.texts("emails", faults) {
            if !is_email(email, faults) {
                continue;
            }
            self.words.push((email, holder));
            let folded = fold(email.text);
            let line = faults.line(email.at);
            match self.emails.get(&folded) {
                Some(first) => {
                    let line = self.lines.emails.get(&folded).copied().unwrap_or_default();
                    let whose = belongs(*first, holder, self.whose(*first));
                    faults.error(email.at, format!("the address `{}` {whose}, on line {line}", email.text));
                }
                None => {
                    self.lines.emails.insert(folded.clone(), line);
                    self.emails.insert(folded, holder);
                }
            }
            emails.push(email.text.to_owned());
        }
        emails
    }

    fn take_accounts(&mut self, section: Section<'t>, holder: Holder, faults: &mut Faults<'_>) {
        for account in section.texts("accounts", faults) {
            if !is_account(account, faults) {
                continue;
            }
            if let Some(first) = self.accounts.get(account.text) {
                let line = self.lines.accounts.get(account.text).copied().unwrap_or_default();
                let whose = belongs(*first, holder, self.whose(*first));
                faults.error(account.at, format!("the account `{}` {whose}, on line {line}", account.text));
                continue;
            }
            self.lines.accounts.insert(account.text, faults.line(account.at));
            self.accounts.insert(account.text.to_owned(), holder);
        }
    }

    fn take_keys(&mut self, section: Section<'t>, holder: Holder, faults: &mut Faults<'_>) {
        for item in section.items("keys", faults) {
            let Some(written) = Written::read(section, item, faults) else { continue };
            let key = match ssh::read(written.line.text, self.rsa_bits) {
                Ok(key) => key,
                Err(fault) => {
                    faults.error(written.line.at, fault.to_string()).maybe_help(fault.help());
                    continue;
                }
            };
            let line = faults.line(written.line.at);
            if let Some((first, line)) = self.lines.secrets.get(&key.secret) {
                let whose = belongs(*first, holder, self.whose(*first));
                faults.error(written.line.at, format!("the key {} {whose}, on line {line}", key.fingerprint));
                continue;
            }
            self.lines.secrets.insert(key.secret, (holder, line));
            let Written { valid_from, valid_until, revoked, compromised, .. } = written;
            let key_of = Key { public: key.data, holder, valid_from, valid_until, revoked, compromised, line };
            self.keys.insert(key.fingerprint, key_of);
        }
    }
}

/// A key as it is written: a line, or a line with days.
struct Written<'t> {
    line: Word<'t>,
    valid_from: Option<Time>,
    valid_until: Option<Time>,
    revoked: Option<Time>,
    compromised: Option<Time>,
}

impl<'t> Written<'t> {
    fn read(holder: Section<'t>, item: &'t Node<'t>, faults: &mut Faults<'_>) -> Option<Self> {
        if let Some(line) = Word::in_string(item) {
            return Some(Self { line, valid_from: None, valid_until: None, revoked: None, compromised: None });
        }
        let Some(entries) = item.get_ref().as_table() else {
            holder.wrong("keys", item, faults);
            return None;
        };
        let section = Section::new(entries, Table::Key, faults);
        let line = section.text("key", faults);
        let odd = section.place("openpgp").is_some();
        if line.is_none() && section.place("key").is_none() && !odd {
            faults.absent(super::section::place(item), "`key` is missing").maybe_help(section.example("key"));
        }
        let [valid_from, last_day, revoked, compromised] =
            ["valid-from", "valid-until", "revoked", "compromised"].map(|key| day(section, key, faults));
        if let (Some(from), Some(last), Some(at)) = (valid_from, last_day, section.place("valid-until"))
            && last < from
        {
            let message = format!("this key ends ({}) before it begins ({})", last.day(), from.day());
            faults.error(at, message);
        }
        // The day itself still counts: the first second that does not is the next day's.
        let valid_until = last_day.map(|last| last.plus(units::DAY));
        Some(Self { line: line?, valid_from, valid_until, revoked, compromised })
    }
}

fn day(section: Section<'_>, key: &str, faults: &mut Faults<'_>) -> Option<Time> {
    let node = section.node(key)?;
    let day = node.get_ref().as_datetime().and_then(units::day);
    if day.is_none() {
        match node.get_ref().as_datetime() {
            Some(_) => {
                let message = format!("`{key}` must be a day, without a time");
                faults.error(super::section::place(node), message).maybe_help(section.example(key));
            }
            None => section.wrong(key, node, faults),
        }
    }
    day
}

/// What is said of a thing that somebody has already.
fn belongs(first: Holder, now: Holder, whose: &str) -> String {
    if first == now { "is listed twice".to_owned() } else { format!("belongs to `{whose}` already") }
}

/// Ids become parts of ref names and of sentences, so they are plain words.
pub(super) fn is_id(id: Word<'_>, faults: &mut Faults<'_>) -> bool {
    const LONGEST: usize = 64;
    let plain = |c: char| c.is_alphanumeric() || "-_.+@'".contains(c);
    let text = id.text;
    let fine = !text.is_empty()
        && text.chars().count() <= LONGEST
        && text.chars().all(plain)
        && !text.starts_with(['.', '-'])
        && !text.ends_with('.')
        && !text.contains("..")
        && !text.to_ascii_lowercase().ends_with(".lock");
    if !fine {
        let message = format!("`{}` is no name for anybody", crate::model::text::cut(text, LONGEST));
        let help = "letters, digits and `-_.+@'`, at most 64, not beginning with `-` or `.`, not ending with `.`";
        faults.error(id.at, message).help(help);
    }
    fine
}

fn is_name(name: Word<'_>, faults: &mut Faults<'_>) -> bool {
    const LONGEST: usize = 128;
    let fine =
        !name.text.trim().is_empty() && name.text.chars().count() <= LONGEST && !name.text.chars().any(is_hidden);
    if !fine {
        faults.error(name.at, "a name has 1 to 128 characters, none of them invisible");
    }
    fine
}

fn is_email(email: Word<'_>, faults: &mut Faults<'_>) -> bool {
    const LONGEST: usize = 320;
    // The last four mean something else in a file of allowed signers (ssh-keygen(1)), which proves what a statement says.
    let odd =
        |c: char| c.is_whitespace() || is_hidden(c) || matches!(c, '<' | '>' | '"' | ',' | '*' | '?' | '!' | '#');
    let sides = email.text.split_once('@');
    let fine = sides
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && email.text.len() <= LONGEST
        && !email.text.chars().any(odd);
    if !fine {
        let message = format!("`{}` is no e-mail address", crate::model::text::cut(email.text, 60));
        faults
            .error(email.at, message)
            .help("for example \"carol@example.org\": one `@`, no blanks, no name around it");
    }
    fine
}

fn is_account(account: Word<'_>, faults: &mut Faults<'_>) -> bool {
    let source = account.text.split_once(':').map(|(source, _)| source);
    let known = source.is_some_and(|source| ACCOUNT_SOURCES.contains(&source));
    let named = account.text.split_once(':').is_some_and(|(_, name)| !name.is_empty());
    let odd = account.text.chars().any(|c| c.is_whitespace() || is_hidden(c));
    if known && named && !odd {
        return true;
    }
    let message = format!("`{}` is no account", crate::model::text::cut(account.text, 60));
    let near = source.and_then(|source| super::keys::nearest(source, ACCOUNT_SOURCES.into_iter()));
    let help = match near.filter(|near| Some(*near) != source) {
        Some(near) => format!("did you mean `{near}:...`?"),
        None => "for example \"gitea:17\", \"env:carol\", \"gitolite:carol\", \"gitlab:carol\"".to_owned(),
    };
    faults.error(account.at, message).help(help);
    false
}

/// A list of people that something else names: its members, as far as they are people.
pub(super) fn member(holders: &Holders<'_>, word: Word<'_>, faults: &mut Faults<'_>) -> Option<PersonId> {
    match holders.by_id.get(word.text) {
        Some(Holder::Person(person)) => Some(*person),
        Some(Holder::Service(_)) => {
            let message = format!("`{}` is a service, and a role is for people", word.text);
            faults.error(word.at, message).help("a machine never reviews: nobody would have looked");
            None
        }
        None => {
            if faults.is_full() {
                faults.absent(word.at, "");
                return None;
            }
            let ids = holders.people.iter().map(|person| person.id.as_str());
            let near = super::keys::nearest(word.text, ids).map(|near| format!("did you mean `{near}`?"));
            let message = format!("nobody is called `{}`", crate::model::text::cut(word.text, 64));
            let help = near.unwrap_or_else(|| "list them under `[people]`".to_owned());
            faults.absent(word.at, message).help(help);
            None
        }
    }
}

fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Says the type of what should have been a list of names.
pub(super) fn names<'t>(name: Word<'_>, node: &'t Node<'t>, faults: &mut Faults<'_>) -> Vec<Word<'t>> {
    let Some(items) = node.get_ref().as_array() else {
        let help = Some(format!("for example: {} = [\"alice\", \"bob\"]", name.text));
        wrong_type(name.text, node, super::keys::Type::Texts, help, faults);
        return Vec::new();
    };
    let mut words = Vec::new();
    for item in items {
        match Word::in_string(item) {
            Some(word) => words.push(word),
            None => wrong_type(name.text, item, super::keys::Type::Texts, None, faults),
        }
    }
    words
}
