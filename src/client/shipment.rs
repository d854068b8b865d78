//! What would go out by a deploy branch or a release, and what the rules would say of it.

use super::{Desk, Me, Order, Trouble};
use crate::{
    decide::{Outlook, Shippers, outlook, shippers},
    gather::{self, Plan},
    model::{
        CommitId, Fingerprint, PersonId, Statement, TreeId,
        evidence::Evidence,
        shipment::{Emergency, Shipped},
        statement::{Stance, Tree},
    },
    verify::statement::Signed,
};

/// A promotion or a release that nobody has made yet, and what the rules would say of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Where the deploy branch stands. `None` where it does not exist, and for a tag.
    pub tip: Option<CommitId>,
    /// The tree of what would go out.
    pub tree: TreeId,
    /// What is known of it. It has one ref with one shipment.
    pub evidence: Evidence,
    /// Statements of others that wait on the server, in the order of [`Outlook::statements`].
    pub statements: Vec<Signed>,
    /// What the rules say.
    pub outlook: Outlook,
    /// Who could ship it.
    pub shippers: Shippers,
}

impl Planned {
    /// What would go out.
    #[must_use]
    pub fn shipped(&self) -> Option<&Shipped> {
        self.evidence.refs.first()?.shipments.first()?.shipped.as_ref()
    }

    /// The statements that a rule counts. What does not count stays out of the message.
    #[must_use]
    pub fn counting(&self) -> Vec<Signed> {
        let judged = self.statements.iter().zip(&self.outlook.statements);
        judged.filter(|(_, judged)| judged.is_ok()).map(|(signed, _)| signed.clone()).collect()
    }

    /// Who would answer beside whoever makes it.
    #[must_use]
    pub fn beside(&self) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = self.outlook.statements.iter().filter_map(|j| j.clone().ok()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// What statements name as their base: where the branch stands; where nothing does, what is shipped.
    #[must_use]
    pub fn base(&self, order: &Order) -> CommitId {
        self.tip.unwrap_or(order.commit)
    }

    /// What somebody says who answers beside whoever makes it.
    ///
    /// # Errors
    /// Where the clone cannot be read.
    pub fn statement(&self, desk: &Desk, me: &Me, order: &Order, verdict: Stance) -> Result<Statement, Trouble> {
        Ok(Statement {
            by: me.email.clone(),
            at: desk.date_for(me.person, &me.place(order.commit, &order.target))?,
            verdict,
            repository: desk.policy.repository.clone(),
            target: order.target.clone(),
            head: order.commit,
            base: self.base(order),
            tree: Tree::Exact(self.tree),
        })
    }
}

impl Desk {
    /// What the rules would say if it were shipped now, with every statement of others that waits for it. `signer`: who
    /// would make it, with which key.
    ///
    /// # Errors
    /// Where something that matters is not in this clone.
    pub fn plan(
        &self,
        order: &Order,
        signer: Option<(PersonId, Fingerprint)>,
        emergency: Option<&Emergency>,
    ) -> Result<Planned, Trouble> {
        let Order { target, commit, source: _ } = order;
        let tip = match target.tag_name() {
            Some(_) => None,
            None => self.refs.tip(target)?.map(CommitId),
        };
        let verdict = if emergency.is_some() { Stance::Emergency } else { Stance::Ship };
        let statements = self.words_of_others(order, signer.map(|(person, _)| person), verdict)?;
        let merger = self.merger();
        let plan = Plan { target, tip, commit: *commit, statements: &statements, emergency };
        let evidence = gather::plan(&self.sources(&merger), &plan, self.pusher(), self.now)?;
        Ok(Planned {
            tip,
            tree: self.store.links(*commit)?.tree,
            outlook: outlook(&self.policy, &evidence, signer),
            shippers: shippers(&self.policy, &evidence),
            evidence,
            statements,
        })
    }

    /// What others said of this commit for this ref. Nobody stands beside oneself.
    fn words_of_others(
        &self,
        order: &Order,
        me: Option<PersonId>,
        verdict: Stance,
    ) -> Result<Vec<Signed>, Trouble> {
        let waiting = self.waiting_for(order.commit)?;
        let of_this = waiting.iter().filter(|waiting| {
            waiting.person() != me && waiting.person().is_some_and(|who| waiting.is(who, &order.target, verdict))
        });
        Ok(of_this
            .filter_map(|waiting| waiting.signed())
            .filter(|s| s.statement.head == order.commit)
            .cloned()
            .collect())
    }
}
