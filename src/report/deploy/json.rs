//! For programs.

use serde::Serialize;

use super::{Change, Check, Deploy, Emergency, Pair, Shipment, pairs};
use crate::{
    model::{shipment::Course, text::escape},
    report::json::FindingV1,
};

/// The version of the JSON.
const VERSION: u32 = 1;

/// As one line of JSON.
#[must_use]
pub fn json(deploy: &Deploy) -> String {
    serde_json::to_string(&DeployV1::from(deploy)).map_or_else(|_| String::new(), |line| line + "\n")
}

#[derive(Serialize)]
struct DeployV1 {
    version: u32,
    /// `accept` or `refuse`.
    verdict: &'static str,
    #[serde(rename = "ref")]
    name: String,
    commit: String,
    tree: String,
    /// It still stands there.
    current: bool,
    policy: String,
    /// The server was asked just now.
    asked: bool,
    shipments: Vec<ShipmentV1>,
}

#[derive(Serialize)]
struct ShipmentV1 {
    /// `promotion` or `release`.
    kind: &'static str,
    id: String,
    commit: Option<String>,
    subject: Option<String>,
    /// `first`, `forward`, `back`, `sideways` or `unfounded`.
    course: Option<&'static str>,
    shippers: Vec<ShipperV1>,
    changes: Vec<ChangeV1>,
    /// Two people each of whom reviewed what the other wrote.
    pairs: Vec<PairV1>,
    checks: Vec<CheckV1>,
    emergencies: Vec<EmergencyV1>,
    findings: Vec<FindingV1>,
}

#[derive(Serialize)]
struct ShipperV1 {
    person: String,
    key: String,
}

#[derive(Serialize)]
struct PairV1 {
    people: [String; 2],
    steps: Vec<String>,
}

impl From<&Pair<'_>> for PairV1 {
    fn from(pair: &Pair<'_>) -> Self {
        Self { people: pair.people.map(escape), steps: pair.steps.iter().map(ToString::to_string).collect() }
    }
}

#[derive(Serialize)]
struct ChangeV1 {
    step: String,
    subject: String,
    #[serde(rename = "ref")]
    on: Option<String>,
    wrote: Vec<String>,
    reviewed: Vec<String>,
    elsewhere: Option<String>,
    merged: Option<String>,
    emergencies: Vec<EmergencyV1>,
}

#[derive(Serialize)]
struct CheckV1 {
    check: String,
    /// `pass` or `fail`.
    result: &'static str,
    by: String,
    at: String,
    url: String,
    proven: bool,
}

#[derive(Serialize)]
struct EmergencyV1 {
    reason: String,
    people: Vec<String>,
    open: bool,
}

impl From<&Deploy> for DeployV1 {
    fn from(deploy: &Deploy) -> Self {
        let Deploy { name, commit, tree, is_over, policy, asked, allowed, shipments } = deploy;
        Self {
            version: VERSION,
            verdict: if *allowed { "accept" } else { "refuse" },
            name: escape(name.as_str()),
            commit: commit.to_string(),
            tree: tree.to_string(),
            current: !is_over,
            policy: escape(policy),
            asked: *asked,
            shipments: shipments.iter().map(ShipmentV1::from).collect(),
        }
    }
}

impl From<&Shipment> for ShipmentV1 {
    fn from(shipment: &Shipment) -> Self {
        let Shipment { carrier, kind, shipped, course, shippers, changes, checks, emergencies, decision } =
            shipment;
        let shippers =
            shippers.iter().map(|(person, key)| ShipperV1 { person: escape(person), key: key.to_string() });
        Self {
            kind,
            id: carrier.to_string(),
            commit: shipped.as_ref().map(|(commit, _)| commit.to_string()),
            subject: shipped.as_ref().map(|(_, subject)| escape(subject)),
            course: course.map(word),
            shippers: shippers.collect(),
            changes: changes.iter().map(ChangeV1::from).collect(),
            pairs: pairs(changes).iter().map(PairV1::from).collect(),
            checks: checks.iter().map(CheckV1::from).collect(),
            emergencies: emergencies.iter().map(EmergencyV1::from).collect(),
            findings: decision.findings.iter().map(FindingV1::from).collect(),
        }
    }
}

fn word(course: Course) -> &'static str {
    match course {
        Course::First => "first",
        Course::Forward => "forward",
        Course::Back => "back",
        Course::Sideways => "sideways",
        Course::Unfounded => "unfounded",
    }
}

impl From<&Change> for ChangeV1 {
    fn from(change: &Change) -> Self {
        let Change { step, subject, on, wrote, reviewed, elsewhere, merged, emergencies } = change;
        let all = |names: &[String]| names.iter().map(|name| escape(name)).collect();
        Self {
            step: step.to_string(),
            subject: escape(subject),
            on: on.as_ref().map(|on| escape(on.as_str())),
            wrote: all(wrote),
            reviewed: all(reviewed),
            elsewhere: elsewhere.as_deref().map(escape),
            merged: merged.as_deref().map(escape),
            emergencies: emergencies.iter().map(EmergencyV1::from).collect(),
        }
    }
}

impl From<&Check> for CheckV1 {
    fn from(check: &Check) -> Self {
        let Check { name, result, by, at, url, proven } = check;
        Self { check: escape(name), result, by: escape(by), at: at.to_string(), url: escape(url), proven: *proven }
    }
}

impl From<&Emergency> for EmergencyV1 {
    fn from(emergency: &Emergency) -> Self {
        let Emergency { reason, two, open } = emergency;
        Self { reason: escape(reason), people: two.iter().map(|name| escape(name)).collect(), open: *open }
    }
}
