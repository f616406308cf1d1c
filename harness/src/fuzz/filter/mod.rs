//! Filters asked of the target: who is found, and whether that is right.

mod ask;
mod judge;
mod protocol;
mod set_up;

use super::lane::Lane;
use super::{Ground, Judgement, Subject, Unfit};
use crate::client::Stop;
use ask::Isolation;
use scim_fuzz::filter::{Ask, Filters, Kind, Question};
use scim_lang::filter::{CompareOp, Filter as Expression};
use scim_lang::path::AttrPath;
use std::time::Duration;

/// Filters over a population that the case has created.
pub(crate) struct Filter {
    inputs: Filters,
    isolation: Isolation,
    /// Whether the server can tell the population from others.
    can_isolate: bool,
    /// How many people and groups there were when the search began, whoever created them.
    totals: [Option<u64>; 2],
    settle: Duration,
}

impl Subject for Filter {
    type Inputs = Filters;

    async fn set_up(ground: &Ground<'_>) -> Result<Self, Unfit> {
        Filter::make_ready(ground).await
    }

    fn inputs(&self) -> &Filters {
        &self.inputs
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for kind in Kind::ALL {
            let directory = self.inputs.world().directory(kind);
            let refused: Vec<&str> = directory.support.refused().collect();
            if !refused.is_empty() {
                notes.push(format!("{} refuses {}", kind.endpoint(), refused.join(", ")));
            }
            for point in scim_fuzz::filter::Point::ALL {
                if let Some(reading) = directory.dialect.reading(point) {
                    notes.push(format!("{}: {}", kind.endpoint(), point.sentence(reading)));
                }
            }
        }
        notes
    }

    async fn judge(&self, lane: &Lane<'_>, question: &Question) -> Result<Judgement, Stop> {
        let kind = question.kind;
        if self.inputs.world().directory(kind).resources.is_empty() {
            return Ok(Judgement::Unsupported("groups".to_owned()));
        }
        match &question.ask {
            Ask::Filter { filter, spelling, way } => self.judge_filter(lane, kind, filter, spelling, *way).await,
            Ask::Law { law, operands } if law.has_protocol() => self.perform(lane, kind, *law, operands).await,
            Ask::Law { law, operands } => self.judge_law(lane, kind, *law, operands).await,
            Ask::Wrong { text, mistake } => self.judge_wrong(lane, kind, text, *mistake).await,
        }
    }
}

/// Returns a filter that nobody meets.
fn nobody(kind: Kind) -> Expression {
    Expression::compare(AttrPath::new(kind.naming_attribute()), CompareOp::Eq, "zz-nobody")
}
