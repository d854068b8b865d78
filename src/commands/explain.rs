//! `countersign explain [CODE]`

use super::Outcome;
use crate::{
    model::{Code, text::escape},
    report::explain,
};

pub(super) fn run(code: Option<&str>) -> Outcome {
    let Some(name) = code else {
        let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        return Outcome::fine(format!("{}\n", all.join("\n")));
    };
    match name.parse::<Code>() {
        Ok(code) => Outcome::fine(explain::explain(code)),
        Err(unknown) => {
            let names = Code::ALL.iter().map(|code| code.as_str());
            let nearest = names.max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
            let hint = nearest.map(|near| format!("help: did you mean `{near}`?\n")).unwrap_or_default();
            Outcome::failed(format!("countersign: {}\n{hint}", escape(&unknown.to_string())))
        }
    }
}
