//! Repositories that benches push to.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::signer::{Person, approval, commit};

/// What a promotion says.
const SHIP: &str = "Ship main to production\n\nShip-to: bench.example.org/bench refs/heads/production\n";

/// Seconds of the first commit: 2026-01-01.
const EPOCH: u64 = 1_767_225_600;

pub(crate) struct Repository {
    pub(crate) dir: PathBuf,
    pub(crate) tip: String,
    pub(crate) tree: String,
    pub(crate) commits: u64,
    /// Where its baseline is.
    pub(crate) base: String,
}

/// A push that waits in its quarantine.
pub(crate) struct Push {
    pub(crate) quarantine: PathBuf,
    pub(crate) line: String,
}

impl Repository {
    /// A bare repository of so many linear commits and so many branches, made once and kept.
    pub(crate) fn generate(commits: u64, refs: u64) -> Self {
        Self::kept(&format!("{commits}-commits-{refs}-refs.git"), commits, |tip| packed_refs(&branches(refs), tip))
    }

    /// A small one, with so many review refs beside its main branch, each of another commit. What they point to is never
    /// read: none of them speaks of the commit that is merged.
    pub(crate) fn with_reviews(reviews: u64, packed: bool) -> Self {
        let mut names: Vec<String> =
            (0..reviews).map(|number| format!("refs/countersign/reviews/{number:040x}/carol/heads/main")).collect();
        if packed {
            names.push("refs/heads/main".to_owned());
            return Self::kept(&format!("{reviews}-packed-reviews.git"), 1_000, |tip| packed_refs(&names, tip));
        }
        let repository =
            Self::kept(&format!("{reviews}-loose-reviews.git"), 1_000, |tip| packed_refs(&branches(1), tip));
        for name in names {
            let file = repository.dir.join(name);
            if !file.exists() {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, format!("{}\n", repository.tip)).unwrap();
            }
        }
        repository
    }

    fn kept(name: &str, commits: u64, packed_refs: impl Fn(&str) -> String) -> Self {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join("bench");
        let dir = target.join(name);
        if !dir.join("made").exists() {
            let _ = fs::remove_dir_all(&dir);
            fs::create_dir_all(&target).unwrap();
            println!("making {}", dir.file_name().unwrap().display());
            git(&target, &["init", "-q", "--bare", "-b", "main", dir.to_str().unwrap()], None);
            git(&dir, &["fast-import", "--quiet"], Some(history(commits).as_bytes()));
            let tip = git(&dir, &["rev-parse", "refs/heads/main"], None);
            fs::write(dir.join("packed-refs"), packed_refs(&tip)).unwrap();
            let _ = fs::remove_dir_all(dir.join("refs/heads"));
            fs::create_dir_all(dir.join("refs/heads")).unwrap();
            fs::write(dir.join("made"), "").unwrap();
        }
        let tip = git(&dir, &["rev-parse", "refs/heads/main"], None);
        let tree = git(&dir, &["rev-parse", "refs/heads/main^{tree}"], None);
        Self { dir, base: tip.clone(), tip, tree, commits }
    }

    /// One whose main branch has so many reviewed merges of so many commits each on top of its baseline.
    pub(crate) fn with_merges(merges: u64, topic: u64, author: &Person, reviewer: &Person) -> Self {
        let plain = Self::kept(&format!("{merges}-merges.git"), 1_000, |tip| packed_refs(&branches(1), tip));
        let base = plain.dir.join("base");
        if !base.exists() {
            println!("signing {} commits", merges * (topic + 1));
            plain.write_merges(merges, topic, author, reviewer);
            fs::write(&base, &plain.tip).unwrap();
        }
        let tip = git(&plain.dir, &["rev-parse", "refs/heads/main"], None);
        Self { base: fs::read_to_string(base).unwrap(), tip, ..plain }
    }

    fn write_merges(&self, merges: u64, topic: u64, author: &Person, reviewer: &Person) {
        let (mut ids, mut objects) = (Vec::new(), Vec::new());
        let mut main = self.tip.clone();
        let mut seconds = EPOCH + self.commits * 60;
        for number in 0..merges {
            let mut head = main.clone();
            for step in 0..topic {
                seconds += 1;
                let object = commit(author, &self.tree, &[&head], seconds, &format!("step {step} of {number}\n"));
                head = id_of(&object);
                ids.push(head.clone());
                objects.push(object);
            }
            let approval = approval(reviewer, "2026-01-01T00:00:00Z", &head, &main);
            seconds += 1;
            let message = format!("Merge branch 'topic-{number}'\n\n{approval}");
            let merge = commit(author, &self.tree, &[&main, &head], seconds, &message);
            main = id_of(&merge);
            ids.push(main.clone());
            objects.push(merge);
        }
        self.pack(&self.dir.join("objects"), &ids, &objects);
        fs::write(self.dir.join("packed-refs"), packed_refs(&branches(1), &main)).unwrap();
    }

    /// The first promotion of main's tip to `production`, in a pack in quarantine.
    pub(crate) fn promotion(&self, shipper: &Person) -> Push {
        let quarantine = self.dir.join("objects").join("tmp_objdir-incoming-bench");
        let _ = fs::remove_dir_all(&quarantine);
        fs::create_dir_all(quarantine.join("pack")).unwrap();
        let promotion = commit(shipper, &self.tree, &[&self.tip], EPOCH + 10_000_000, SHIP);
        let new = id_of(&promotion);
        self.pack(&quarantine, std::slice::from_ref(&new), &[promotion]);
        Push { line: format!("{} {new} refs/heads/production\n", "0".repeat(40)), quarantine }
    }

    /// Writes a policy in which everything up to the tip is from before adoption.
    pub(crate) fn set_policy(&self, people: &str) {
        self.set_rules(people, "[review.main]\n");
    }

    /// The same with these rules.
    pub(crate) fn set_rules(&self, people: &str, rules: &str) {
        let policy = format!(
            "version = 1\nrepository = \"bench.example.org/bench\"\nbaseline = [\"{}\"]\n\n[people]\n{people}\n{rules}",
            self.base
        );
        fs::create_dir_all(self.dir.join("countersign")).unwrap();
        fs::write(self.dir.join("countersign/policy.toml"), policy).unwrap();
    }

    /// A merge of a topic of so many signed commits, approved, in a pack in quarantine, as a real push leaves it.
    pub(crate) fn quarantine(&self, author: &Person, reviewer: &Person, commits: u64) -> Push {
        let quarantine = self.dir.join("objects").join("tmp_objdir-incoming-bench");
        let _ = fs::remove_dir_all(&quarantine);
        fs::create_dir_all(quarantine.join("pack")).unwrap();
        let start = EPOCH + self.commits * 60;
        let mut ids = Vec::new();
        let mut objects = Vec::new();
        let mut head = self.tip.clone();
        for number in 0..commits {
            let object = commit(author, &self.tree, &[&head], start + number, &format!("step {number}\n"));
            head = id_of(&object);
            ids.push(head.clone());
            objects.push(object);
        }
        let at = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap();
        let at = String::from_utf8(at.stdout).unwrap();
        let message = format!("Merge branch 'topic'\n\n{}", approval(reviewer, at.trim(), &head, &self.tip));
        let merge = commit(author, &self.tree, &[&self.tip, &head], start + commits, &message);
        let new = id_of(&merge);
        ids.push(new.clone());
        objects.push(merge);
        self.pack(&quarantine, &ids, &objects);
        Push { line: format!("{} {new} refs/heads/main\n", self.tip), quarantine }
    }

    /// Loose objects in a place of their own, then one pack of them in quarantine.
    fn pack(&self, quarantine: &Path, ids: &[String], objects: &[Vec<u8>]) {
        let loose = quarantine.join("loose");
        fs::create_dir_all(&loose).unwrap();
        let kind = gix::hash::Kind::Sha1;
        let store =
            gix::odb::at_opts(loose.clone(), kind, None, gix::odb::store::init::Options::default()).unwrap();
        for object in objects {
            gix::objs::Write::write_buf(&store, gix::objs::Kind::Commit, object).unwrap();
        }
        let base = quarantine.join("pack").join("pack");
        let mut child = Command::new("git")
            .args(["pack-objects", "-q", base.to_str().unwrap()])
            .current_dir(&self.dir)
            .env("GIT_OBJECT_DIRECTORY", &loose)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.dir.join("objects"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all((ids.join("\n") + "\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "git pack-objects failed");
        fs::remove_dir_all(&loose).unwrap();
    }
}

fn id_of(commit: &[u8]) -> String {
    gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Commit, commit).unwrap().to_string()
}

fn history(commits: u64) -> String {
    let mut stream = String::with_capacity(commits as usize * 160);
    for number in 0..commits {
        let seconds = EPOCH + number * 60;
        let _ = write!(
            stream,
            "commit refs/heads/main\nmark :{}\ncommitter Old Hand <old@example.org> {seconds} +0000\ndata 8\ncommit\n\n",
            number + 1
        );
        if number == 0 {
            stream.push_str("M 100644 inline README\ndata 6\nhello\n\n");
        }
    }
    stream.push_str("done\n");
    stream
}

fn branches(refs: u64) -> Vec<String> {
    let mut names: Vec<String> = (1..refs).map(|number| format!("refs/heads/branch-{number:07}")).collect();
    names.push("refs/heads/main".to_owned());
    names.sort();
    names
}

/// All at one commit, in the order of their names.
fn packed_refs(names: &[String], tip: &str) -> String {
    let mut text = String::from("# pack-refs with: peeled fully-peeled sorted \n");
    for name in names {
        let _ = writeln!(text, "{tip} {name}");
    }
    text
}

pub(crate) fn git(dir: &Path, arguments: &[&str], input: Option<&[u8]>) -> String {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    if let Some(input) = input {
        child.stdin.take().unwrap().write_all(input).unwrap();
    }
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?} failed");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
