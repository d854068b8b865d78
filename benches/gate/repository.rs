//! Repositories that benches push to.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::signer::{Person, approval, commit};

/// Seconds of the first commit: 2026-01-01.
const EPOCH: u64 = 1_767_225_600;

pub(crate) struct Repository {
    pub(crate) dir: PathBuf,
    pub(crate) tip: String,
    pub(crate) tree: String,
    pub(crate) commits: u64,
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
        Self { dir, tip, tree, commits }
    }

    /// Writes a policy in which everything up to the tip is from before adoption.
    pub(crate) fn set_policy(&self, people: &str) {
        let policy = format!(
            "version = 1\nrepository = \"bench.example.org/bench\"\nbaseline = [\"{}\"]\n\n[people]\n{people}\n[review.main]\n",
            self.tip
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
