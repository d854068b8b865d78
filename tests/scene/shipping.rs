//! Promotions of a deploy branch, and release tags.

use gix::objs::Kind;

use super::{Draft, Id, Outcome, REPOSITORY, Scene, Statement, cast};

/// Somebody's statement, and how it is bent before it is signed.
type CoSigner<'s> = (String, Box<dyn FnOnce(Statement) -> Statement + 's>);

/// A promotion that is about to be made, by dana.
#[must_use = "nothing is written before `make` or `push`"]
pub struct Promoting<'s> {
    scene: &'s Scene,
    branch: String,
    shipped: Id,
    old: Option<Id>,
    tree: Option<Id>,
    co_signers: Vec<CoSigner<'s>>,
    trailers: String,
    says_where: bool,
    draft: Vec<Box<dyn FnOnce(Draft<'s>) -> Draft<'s> + 's>>,
}

impl Scene {
    /// A promotion of a commit, made by dana, on top of where the branch of the story stands.
    pub fn promote(&self, branch: &str, shipped: Id) -> Promoting<'_> {
        Promoting {
            scene: self,
            branch: branch.to_owned(),
            shipped,
            old: self.stands(branch),
            tree: None,
            co_signers: Vec::new(),
            trailers: String::new(),
            says_where: true,
            draft: Vec::new(),
        }
    }

    /// A release of a commit, made by dana.
    pub fn release(&self, tag: &str, commit: Id) -> Releasing<'_> {
        Releasing {
            scene: self,
            name: tag.to_owned(),
            called: tag.to_owned(),
            target: commit,
            kind: "commit",
            by: "dana".to_owned(),
            signer: Some("dana".to_owned()),
            co_signers: Vec::new(),
            message: format!("Release {tag}\n"),
        }
    }

    fn stands(&self, branch: &str) -> Option<Id> {
        self.server.refs().get(&format!("refs/heads/{branch}")).map(|id| Id::from_hex(id.as_bytes()).unwrap())
    }
}

impl<'s> Promoting<'s> {
    /// Who makes and signs it.
    pub fn by(self, who: &str) -> Self {
        let who = who.to_owned();
        self.draft(move |draft| draft.by(&who))
    }

    /// A statement of somebody beside.
    pub fn co_signed_by(self, who: &str) -> Self {
        self.co_signed(who, |statement| statement)
    }

    /// The word of somebody who calls an emergency.
    pub fn called_by(self, who: &str) -> Self {
        self.co_signed(who, |statement| statement.set("verdict", "emergency"))
    }

    /// A statement, bent before it is signed.
    pub fn co_signed(mut self, who: &str, bend: impl FnOnce(Statement) -> Statement + 's) -> Self {
        self.co_signers.push((who.to_owned(), Box::new(bend)));
        self
    }

    /// On top of another commit.
    pub fn onto(mut self, old: Id) -> Self {
        self.old = Some(old);
        self
    }

    /// With another tree.
    pub fn tree(mut self, tree: Id) -> Self {
        self.tree = Some(tree);
        self
    }

    /// Lines at the end of the message.
    pub fn trailer(mut self, text: &str) -> Self {
        self.trailers.push_str(text);
        self
    }

    /// Without the line that says where it goes.
    pub fn nowhere(mut self) -> Self {
        self.says_where = false;
        self
    }

    /// Anything else that a commit can be.
    pub fn draft(mut self, bend: impl FnOnce(Draft<'s>) -> Draft<'s> + 's) -> Self {
        self.draft.push(Box::new(bend));
        self
    }

    /// Writes it.
    pub fn make(self) -> Id {
        let scene = self.scene;
        let parents: Vec<Id> = self.old.into_iter().chain([self.shipped]).collect();
        let tree = self.tree.unwrap_or_else(|| scene.tree_of(self.shipped));
        let mut draft = scene.loose_commit(&parents).by("dana").tree(tree);
        for bend in self.draft {
            draft = bend(draft);
        }
        let mut message = format!("Ship to {}\n\n", self.branch);
        for (who, bend) in self.co_signers {
            let base = self.old.unwrap_or(self.shipped);
            let target = format!("refs/heads/{}", self.branch);
            let statement = Statement::shipment(&who, self.shipped, base, tree).set("ref", target);
            message.push_str(&bend(statement).trailer());
        }
        message.push_str(&self.trailers);
        if self.says_where {
            message.push_str(&format!("Ship-to: {REPOSITORY} refs/heads/{}\n", self.branch));
        }
        draft.message(message).make()
    }

    /// Makes it and pushes it.
    pub fn push(self) -> Outcome<'s> {
        let (scene, branch) = (self.scene, self.branch.clone());
        let id = self.make();
        scene.push().branch(&branch, id).run()
    }

    /// Makes it, pushes it, and expects that it lands.
    pub fn land(self) -> Id {
        let (scene, branch) = (self.scene, self.branch.clone());
        self.push().accepted();
        scene.tip(&branch)
    }
}

/// A release tag that is about to be made.
#[must_use = "nothing is written before `make` or `push`"]
pub struct Releasing<'s> {
    scene: &'s Scene,
    name: String,
    called: String,
    target: Id,
    kind: &'static str,
    by: String,
    signer: Option<String>,
    co_signers: Vec<CoSigner<'s>>,
    message: String,
}

impl<'s> Releasing<'s> {
    /// Who makes and signs it.
    pub fn by(mut self, who: &str) -> Self {
        who.clone_into(&mut self.by);
        self.signer = Some(who.to_owned());
        self
    }

    /// Whose key signs it.
    pub fn signed_by(mut self, key: &str) -> Self {
        self.signer = Some(key.to_owned());
        self
    }

    /// No signature.
    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self
    }

    /// What the tag calls itself.
    pub fn called(mut self, name: &str) -> Self {
        name.clone_into(&mut self.called);
        self
    }

    /// A tag of something else.
    pub fn of(mut self, kind: &'static str, target: Id) -> Self {
        (self.kind, self.target) = (kind, target);
        self
    }

    /// A statement of somebody beside.
    pub fn co_signed_by(self, who: &str) -> Self {
        self.co_signed(who, |statement| statement)
    }

    /// The word of somebody who calls an emergency.
    pub fn called_by(self, who: &str) -> Self {
        self.co_signed(who, |statement| statement.set("verdict", "emergency"))
    }

    /// A statement, bent before it is signed.
    pub fn co_signed(mut self, who: &str, bend: impl FnOnce(Statement) -> Statement + 's) -> Self {
        self.co_signers.push((who.to_owned(), Box::new(bend)));
        self
    }

    /// Another message.
    pub fn message(mut self, text: &str) -> Self {
        text.clone_into(&mut self.message);
        self
    }

    /// Writes it.
    pub fn make(self) -> Id {
        let Self { scene, name, called, target, kind, by, signer, co_signers, mut message } = self;
        if !co_signers.is_empty() {
            message.push('\n');
        }
        for (who, bend) in co_signers {
            let statement = Statement::shipment(&who, target, target, scene.tree_of(target));
            message.push_str(&bend(statement.set("ref", format!("refs/tags/{name}"))).trailer());
        }
        let (full, email) = (cast::full_name(&by), cast::email(&by));
        let header =
            format!("object {target}\ntype {kind}\ntag {called}\ntagger {full} <{email}> 1780000000 +0000\n");
        let text = format!("{header}\n{message}");
        let armor = signer.map(|key| cast::key(&key).sign("git", text.as_bytes())).unwrap_or_default();
        // git ends a tag with one line break.
        let armor = armor.trim_end();
        let end = if armor.is_empty() { "" } else { "\n" };
        scene.client.write(Kind::Tag, format!("{text}{armor}{end}").as_bytes())
    }

    /// Makes it and pushes it.
    pub fn push(self) -> Outcome<'s> {
        let (scene, name) = (self.scene, format!("refs/tags/{}", self.name));
        let id = self.make();
        scene.push().name(&name, id).run()
    }
}
