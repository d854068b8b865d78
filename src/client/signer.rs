//! The key that the user's git signs with, and whose it is in the policy.
//!
//! As git finds it (gpg-interface.c; git-config(1), `user.signingKey`, `gpg.ssh.*`): a literal key, which an agent holds,
//! a file, or what `gpg.ssh.defaultKeyCommand` prints first.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use ssh_key::{HashAlg, PublicKey};

use super::{Desk, Trouble};
use crate::{
    git::{WorkingClone, run::Errors},
    model::{
        CommitId, Fingerprint, Holder, Key, KeyState, PersonId, Policy, RefName, ReviewPlace, Statement, Time,
        policy::Limits, statement::NAMESPACE, text::cut,
    },
    verify::{
        ssh,
        statement::{Signed, render, verify_statement},
    },
};

/// The namespace of signatures that only show that a key signs. Neither git nor a server of ours takes them for anything.
const TRIAL: &str = "countersign-test";

/// The namespace of git's own signatures.
const OBJECTS: &str = "git";

/// What is signed then.
const TRIAL_TEXT: &str = "git countersign setup\n";

/// Characters of a program's complaint that are passed on.
const COMPLAINT: usize = 400;

/// What signs.
#[derive(Clone, Debug)]
pub struct Signer {
    program: OsString,
    key: KeyPlace,
    /// The public half.
    pub public: PublicKey,
}

/// Where the private half is.
#[derive(Clone, PartialEq, Eq, Debug)]
enum KeyPlace {
    /// In a file, or in an agent that knows it by this file.
    File(PathBuf),
    /// In an agent.
    Agent,
}

/// Who sits at this desk, by the key that git signs with.
#[derive(Clone, Debug)]
pub struct Me {
    /// The person of the policy.
    pub person: PersonId,
    /// The person's id in the policy.
    pub id: String,
    /// The address that statements name: git's own where the policy lists it for this person.
    pub email: String,
    /// What signs.
    pub signer: Signer,
}

impl Signer {
    /// Finds what the clone's git signs with.
    ///
    /// # Errors
    /// Where git is not set up to sign with an SSH key, or the public half is not found.
    pub fn find(clone: &WorkingClone) -> Result<Self, Trouble> {
        let format = clone.config("gpg.format")?.unwrap_or_else(|| String::from("openpgp"));
        if format != "ssh" {
            return Err(not_set_up(format!(
                "git signs with {format} here, and a review is signed with an SSH key"
            )));
        }
        Self::set(clone)
    }

    /// Finds what the clone's git would sign with if `gpg.format` were `ssh`.
    ///
    /// # Errors
    /// Where no key is named, or the public half is not found.
    pub fn set(clone: &WorkingClone) -> Result<Self, Trouble> {
        let set = clone.config("user.signingKey")?.filter(|set| !set.trim().is_empty());
        match set {
            Some(set) => Self::named(clone, &set),
            None => {
                let first = default_key(clone)?;
                Self::named(clone, &first.ok_or_else(|| not_set_up("git does not know which key to sign with"))?)
            }
        }
    }

    /// What a value of `user.signingKey` means (git-config(1)).
    ///
    /// # Errors
    /// Where the public half is not found.
    pub fn named(clone: &WorkingClone, value: &str) -> Result<Self, Trouble> {
        let program = program(clone)?;
        let literal = value.strip_prefix("key::").or_else(|| value.starts_with("ssh-").then_some(value));
        if let Some(literal) = literal {
            let public = PublicKey::from_openssh(literal.trim())
                .map_err(|_| not_set_up("user.signingKey is no SSH public key"))?;
            return Ok(Self { program, key: KeyPlace::Agent, public });
        }
        let file = clone.expand("user.signingKey", value)?;
        let public = public_half(clone, &program, &file, "user.signingKey")?;
        Ok(Self { program, key: KeyPlace::File(file), public })
    }

    /// A key in a file, whatever git is set up with: `--key FILE`, by which it is called here.
    ///
    /// # Errors
    /// Where the public half is not found.
    pub fn of_file(clone: &WorkingClone, file: &Path) -> Result<Self, Trouble> {
        let program = OsString::from("ssh-keygen");
        let public =
            public_half(clone, &program, file, "--key").map_err(|trouble| Trouble { mend: Vec::new(), ..trouble });
        let public =
            public.map_err(|trouble| trouble.say("a private key as ssh-keygen writes it, without a passphrase"))?;
        Ok(Self { program, key: KeyPlace::File(file.to_owned()), public })
    }

    /// A key that an agent holds.
    ///
    /// # Errors
    /// Where git cannot be started.
    pub fn of_agent(clone: &WorkingClone, public: PublicKey) -> Result<Self, Trouble> {
        Ok(Self { program: program(clone)?, key: KeyPlace::Agent, public })
    }

    /// Signs a few bytes that mean nothing, in a namespace of their own, and looks at what comes out: the fingerprint of
    /// the key that signed.
    ///
    /// # Errors
    /// Where nothing is signed.
    pub fn try_out(&self, clone: &WorkingClone, folder: &Path, limits: &Limits) -> Result<Fingerprint, Trouble> {
        let armor = self.armor(clone, folder, TRIAL, TRIAL_TEXT)?;
        let own = Key {
            public: self.public.key_data().clone(),
            holder: Holder::Person(PersonId(0)),
            valid_from: None,
            valid_until: None,
            revoked: None,
            compromised: None,
            line: 0,
        };
        let fingerprint = self.fingerprint();
        let keys = HashMap::from([(fingerprint, own)]);
        let signature = ssh::verify(&armor, TRIAL_TEXT.as_bytes(), TRIAL, &keys, limits);
        match signature.verified() {
            Some(_) => Ok(fingerprint),
            None => Err(Trouble::failed("what came out of signing does not verify")
                .at(format!("{} signed with another key than git's", self.program.to_string_lossy()))),
        }
    }

    /// What OpenSSH calls the key: `SHA256:…`.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::from_sha256(self.public.fingerprint(HashAlg::Sha256).sha256().unwrap_or_default())
    }

    /// Signs a statement's lines: an armored signature.
    ///
    /// # Errors
    /// Where the key is not at hand.
    pub fn sign(&self, clone: &WorkingClone, folder: &Path, lines: &str) -> Result<Vec<u8>, Trouble> {
        self.armor(clone, folder, NAMESPACE, lines)
    }

    /// Signs an object of git's, as git does: an armored signature.
    ///
    /// # Errors
    /// Where the key is not at hand.
    pub fn sign_object(&self, clone: &WorkingClone, folder: &Path, text: &str) -> Result<Vec<u8>, Trouble> {
        self.armor(clone, folder, OBJECTS, text)
    }

    /// What came out of it is no signature of that key.
    #[must_use]
    pub fn signed_otherwise(&self) -> Trouble {
        Trouble::failed("what came out of signing does not verify; nothing was changed")
            .at(format!("{} signed with another key than git's", self.program.to_string_lossy()))
            .say("see which key signs here:")
            .run(["git", "countersign", "setup"])
    }

    /// Signs as git does: the lines in a file, the signature beside it. Some programs of the user's read files only.
    fn armor(&self, clone: &WorkingClone, folder: &Path, namespace: &str, lines: &str) -> Result<Vec<u8>, Trouble> {
        let unwritten = |fault: std::io::Error| Trouble::failed(format!("no file can be made: {fault}"));
        let statement = folder.join("statement");
        fs::write(&statement, lines).map_err(unwritten)?;
        let signature = folder.join("statement.sig");
        let _ = fs::remove_file(&signature);
        let mut words: Vec<OsString> = ["-Y", "sign", "-n", namespace, "-f"].map(OsString::from).into();
        if Path::new(&self.program).file_name() == Some(OsStr::new("ssh-keygen")) {
            // It tells which files it reads and writes. Other programs need not know this option.
            words.insert(0, "-q".into());
        }
        match &self.key {
            KeyPlace::File(file) => words.push(file.into()),
            KeyPlace::Agent => {
                let file = folder.join("key.pub");
                fs::write(&file, self.public.to_openssh().unwrap_or_default()).map_err(unwritten)?;
                words.extend([file.into(), "-U".into()]);
            }
        }
        words.push(statement.into());
        let answer = clone.git().start(&self.program, words, None, Errors::Shown)?;
        match fs::read(&signature) {
            Ok(armor) if answer.is_fine() => Ok(armor),
            Ok(_) | Err(_) => Err(Trouble::failed("the key did not sign; nothing was changed")
                .at(format!("{} said why above", self.program.to_string_lossy()))
                .say("unlock it, or let the agent have it, then try again:")
                .run(["ssh-add"])),
        }
    }
}

impl Me {
    /// Finds out who the policy thinks is at this desk.
    ///
    /// # Errors
    /// Where git does not sign, or its key is nobody's in the policy, or does not count today.
    pub fn find(desk: &Desk) -> Result<Self, Trouble> {
        Self::with(desk, Signer::find(&desk.clone)?)
    }

    /// Who the policy thinks signs with a key.
    ///
    /// # Errors
    /// Where that is nobody, or the key does not count today.
    pub fn with(desk: &Desk, signer: Signer) -> Result<Self, Trouble> {
        let fingerprint = signer.fingerprint();
        let policy = &desk.policy;
        let person = person_of(policy, &fingerprint, desk.now).map_err(|unfit| match unfit {
            Unfit::Unknown => Trouble::failed("the policy does not know the key that git signs with here")
                .at(fingerprint.to_string())
                .say("have the administrator add it; or choose another key, with the help of:")
                .run(["git", "countersign", "setup"]),
            Unfit::Service(service) => {
                Trouble::failed(format!("the key here is that of service {service}, which never reviews"))
            }
            Unfit::Ended(why) => Trouble::failed(format!("the key that git signs with here {why}"))
                .at(fingerprint.to_string())
                .say("sign with another key of yours, and have the administrator add it where it is new:")
                .run(["git", "countersign", "setup"]),
        })?;
        let (id, emails) = policy
            .person(person)
            .map_or_else(Default::default, |person| (person.id.clone(), person.emails.clone()));
        let own = desk.clone.config("user.email")?;
        let own = own.filter(|email| policy.holder_of_email(email) == Some(Holder::Person(person)));
        let email = own.or_else(|| emails.into_iter().next()).ok_or_else(|| {
            Trouble::failed(format!("the policy lists no e-mail address for {id}"))
                .say("have the administrator add one")
        })?;
        Ok(Self { person, id, email, signer })
    }

    /// Where this person's word about a commit stands on the server.
    #[must_use]
    pub fn place(&self, head: CommitId, target: &RefName) -> ReviewPlace {
        ReviewPlace { head, person: self.id.clone(), target: target.clone() }
    }

    /// Signs a statement, and makes sure that it is this person's signature and nobody else's.
    ///
    /// # Errors
    /// Where the key is not at hand.
    pub fn sign(&self, desk: &Desk, statement: Statement) -> Result<Signed, Trouble> {
        let lines = render(&statement);
        let armor = self.signer.sign(&desk.clone, desk.scratch(), &lines)?;
        let signed = Signed::from_armor(statement, &armor, &desk.policy.limits);
        let holds = |signed: &Signed| {
            let signature = verify_statement(signed, &desk.policy.keys, &desk.policy.limits);
            signature.verified().is_some_and(|proof| proof.holder() == Holder::Person(self.person))
        };
        signed.filter(holds).ok_or_else(|| self.signer.signed_otherwise())
    }
}

/// Why the policy does not take a key for that of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// It does not list it.
    Unknown,
    /// It is the key of this service.
    Service(String),
    /// It does not count today: `is revoked since 2026-05-02`.
    Ended(String),
}

/// Whose key this is, where it counts today.
///
/// # Errors
/// Why it is nobody's.
pub fn person_of(policy: &Policy, fingerprint: &Fingerprint, now: Time) -> Result<PersonId, Unfit> {
    match policy.keys.get(fingerprint).ok_or(Unfit::Unknown)?.holder {
        Holder::Person(person) => holder_of(policy, fingerprint, now).map(|_| person),
        service @ Holder::Service(_) => Err(Unfit::Service(policy.called(service).to_owned())),
    }
}

/// The person or service whose key this is, where it counts today.
///
/// # Errors
/// Why it is nobody's.
pub fn holder_of(policy: &Policy, fingerprint: &Fingerprint, now: Time) -> Result<Holder, Unfit> {
    let key = policy.keys.get(fingerprint).ok_or(Unfit::Unknown)?;
    match key.state(now) {
        KeyState::Valid => Ok(key.holder),
        KeyState::NotYet(from) => Err(Unfit::Ended(format!("counts from {} on", from.day()))),
        KeyState::Expired(end) => Err(Unfit::Ended(format!("counted until {}", end.day()))),
        KeyState::Revoked(at) => Err(Unfit::Ended(format!("is revoked since {}", at.day()))),
        KeyState::Compromised(at) => Err(Unfit::Ended(format!("is compromised since {}", at.day()))),
    }
}

fn program(clone: &WorkingClone) -> Result<OsString, Trouble> {
    Ok(clone.config_path("gpg.ssh.program")?.map_or_else(|| "ssh-keygen".into(), OsString::from))
}

/// The public half of a key's file: the file itself, the one beside it, or what ssh-keygen reads in it. `named`: by what.
fn public_half(clone: &WorkingClone, program: &OsStr, file: &Path, named: &str) -> Result<PublicKey, Trouble> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".pub");
    let read = |path: &Path| PublicKey::from_openssh(fs::read_to_string(path).ok()?.trim()).ok();
    if let Some(public) = read(file).or_else(|| read(Path::new(&beside))) {
        return Ok(public);
    }
    let shown = file.display();
    if !file.exists() {
        return Err(not_set_up(format!("{named} names {shown}, which is not there")));
    }
    let words = [OsString::from("-y"), OsString::from("-f"), file.into()];
    let keygen = if program == "ssh-keygen" { program } else { OsStr::new("ssh-keygen") };
    let answer = clone.git().start(keygen, words, None, Errors::Shown)?;
    let public = answer.text().and_then(|text| PublicKey::from_openssh(text).ok());
    public.ok_or_else(|| not_set_up(format!("{named} names {shown}, which is no SSH key")))
}

/// What `gpg.ssh.defaultKeyCommand` prints first, where it is set.
fn default_key(clone: &WorkingClone) -> Result<Option<String>, Trouble> {
    let Some(command) = clone.config("gpg.ssh.defaultKeyCommand")? else { return Ok(None) };
    let words = shell_words::split(&command).map_err(|_| not_set_up("gpg.ssh.defaultKeyCommand is no command"))?;
    let Some((program, words)) = words.split_first() else { return Ok(None) };
    let answer = clone.git().start(OsStr::new(program), words, None, Errors::Kept)?;
    let first = answer.text().and_then(|text| text.lines().next()).filter(|line| line.contains("ssh-"));
    if first.is_none() {
        return Err(not_set_up("gpg.ssh.defaultKeyCommand names no key").at(cut(answer.errors.trim(), COMPLAINT)));
    }
    Ok(first.map(ToOwned::to_owned))
}

fn not_set_up(what: impl Into<String>) -> Trouble {
    Trouble::failed(what).say("once in this clone:").run(["git", "countersign", "setup"])
}
