//! Merges into a reviewed branch.

use super::{Draft, Id, Outcome, Scene, Statement};

/// A merge that is about to be made.
#[must_use = "nothing is written before `make` or `push`"]
pub struct Merging<'s> {
    scene: &'s Scene,
    head: Id,
    topic: String,
    into: String,
    first: Option<Id>,
    tree: Option<Id>,
    approvals: Vec<Approval<'s>>,
    trailers: String,
    body: String,
    draft: Vec<Box<dyn FnOnce(Draft<'s>) -> Draft<'s> + 's>>,
}

/// Somebody's approval, written when the merge's tree is known.
struct Approval<'s> {
    who: String,
    exact: bool,
    bend: Box<dyn FnOnce(Statement) -> Statement + 's>,
}

impl<'s> Merging<'s> {
    pub(super) fn new(scene: &'s Scene, head: Id, topic: &str) -> Self {
        Self {
            scene,
            head,
            topic: topic.to_owned(),
            into: "main".to_owned(),
            first: None,
            tree: None,
            approvals: Vec::new(),
            trailers: String::new(),
            body: String::new(),
            draft: Vec::new(),
        }
    }

    /// Another branch than `main`.
    pub fn into(mut self, branch: &str) -> Self {
        self.into = branch.to_owned();
        self
    }

    /// On top of another commit than the branch's tip.
    pub fn onto(mut self, first: Id) -> Self {
        self.first = Some(first);
        self
    }

    /// With this tree, whatever git makes of the parents.
    pub fn tree(mut self, tree: Id) -> Self {
        self.tree = Some(tree);
        self
    }

    /// An approval of the mechanical merge.
    pub fn approved_by(self, who: &str) -> Self {
        self.approved(who, |statement| statement)
    }

    /// An approval, bent before it is signed.
    pub fn approved(mut self, who: &str, bend: impl FnOnce(Statement) -> Statement + 's) -> Self {
        self.approvals.push(Approval { who: who.to_owned(), exact: false, bend: Box::new(bend) });
        self
    }

    /// An approval of exactly the tree that the merge has.
    pub fn exactly_approved_by(mut self, who: &str) -> Self {
        self.approvals.push(Approval { who: who.to_owned(), exact: true, bend: Box::new(|statement| statement) });
        self
    }

    /// The word of somebody who calls an emergency with exactly the tree that the merge has.
    pub fn called_by(mut self, who: &str) -> Self {
        let bend = Box::new(|statement: Statement| statement.set("verdict", "emergency"));
        self.approvals.push(Approval { who: who.to_owned(), exact: true, bend });
        self
    }

    /// Trailers as they are.
    pub fn trailer(mut self, text: impl AsRef<str>) -> Self {
        self.trailers.push_str(text.as_ref());
        self
    }

    /// Text between the subject and the trailers.
    pub fn body(mut self, text: &str) -> Self {
        self.body.push_str(text);
        self
    }

    /// Who makes and signs it.
    pub fn by(self, who: &str) -> Self {
        let who = who.to_owned();
        self.draft(move |draft| draft.by(&who))
    }

    /// Whose key signs it.
    pub fn signed_by(self, key: &str) -> Self {
        let key = key.to_owned();
        self.draft(move |draft| draft.signed_by(&key))
    }

    /// No signature.
    pub fn unsigned(self) -> Self {
        self.draft(Draft::unsigned)
    }

    /// Anything else that a commit can be.
    pub fn draft(mut self, bend: impl FnOnce(Draft<'s>) -> Draft<'s> + 's) -> Self {
        self.draft.push(Box::new(bend));
        self
    }

    /// Writes it. The branch of the story stays where it is until the merge has landed.
    pub fn make(self) -> Id {
        let scene = self.scene;
        let first = self.first.unwrap_or_else(|| scene.tip(&self.into));
        let mut draft = scene.loose_commit(&[first, self.head]);
        let tree = self.tree.or_else(|| scene.mechanical(first, self.head).ok());
        draft = draft.tree(tree.expect("git finds conflicts here: give the tree"));
        for bend in self.draft {
            draft = bend(draft);
        }
        let tree = draft.tree_now();
        let mut message = format!("Merge branch '{}' into {}\n\n{}", self.topic, self.into, self.body);
        for Approval { who, exact, bend } in self.approvals {
            let plain = Statement::approval(&who, self.head, first).set("ref", format!("refs/heads/{}", self.into));
            let meant = if exact { plain.set("tree", tree) } else { plain };
            message.push_str(&bend(meant).trailer());
        }
        message.push_str(&self.trailers);
        draft.message(message).make()
    }

    /// Makes it and pushes it. The branch of the story moves where the server's did.
    pub fn push(self) -> Outcome<'s> {
        let (scene, into) = (self.scene, self.into.clone());
        let id = self.make();
        scene.push().branch(&into, id).run()
    }

    /// Makes it, pushes it, and expects that it lands.
    pub fn land(self) -> Id {
        let into = self.into.clone();
        let scene = self.scene;
        self.push().accepted();
        scene.tip(&into)
    }
}
