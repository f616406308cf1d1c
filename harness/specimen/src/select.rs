//! Which resources a query is about (RFC 7644 §3.4.2): filter, order, page.

use std::sync::Arc;

use scim_lang::error::ScimError;
use scim_lang::filter::{CompareOp, EvalError, Filter, Matcher};
use scim_lang::schema::ResourceType;
use serde_json::Value;

use crate::query::Query;
use crate::render::{self, Renderer};
use crate::sort::Sort;
use crate::store::{Kind, Record, narrow};

/// One page of a result.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The number of resources in the whole result.
    pub(crate) total: usize,
    /// How many of them come before the page.
    pub(crate) start: usize,
    /// Those on the page.
    pub(crate) records: Vec<&'a Arc<Record>>,
}

/// Returns the page that a query asks for.
pub(crate) fn select<'a>(renderer: Renderer<'a>, kinds: &[Kind], query: &Query) -> Result<Found<'a>, ScimError> {
    if let (&[kind], None, None) = (kinds, &query.filter, &query.sort) {
        // A page of everything is a slice: its cost does not grow with the number of resources.
        let rows = renderer.store.table(kind).rows();
        let behind = |sequence: u64| Some(rows.partition_point(|row| row.sequence <= sequence));
        let page = query.page.found_again(behind).range(rows.len());
        return Ok(Found { total: rows.len(), start: page.start, records: rows[page].iter().collect() });
    }
    let mut records = Vec::new();
    let conditions = conditions(query.filter.as_ref(), kinds)?;
    for (kind, condition) in kinds.iter().zip(conditions) {
        records.extend(matching(renderer, *kind, query.filter.as_ref(), condition.as_ref()));
    }
    if let Some(sort) = &query.sort {
        records = sorted(renderer, records, sort);
    }
    let behind = |sequence: u64| records.iter().position(|record| record.sequence == sequence).map(|at| at + 1);
    let page = query.page.found_again(behind).range(records.len());
    Ok(Found { total: records.len(), start: page.start, records: records[page].to_vec() })
}

fn matching<'a>(
    renderer: Renderer<'a>,
    kind: Kind,
    filter: Option<&Filter>,
    condition: Option<&Condition>,
) -> Vec<&'a Arc<Record>> {
    let table = renderer.store.table(kind);
    let (Some(filter), Some(condition)) = (filter, condition) else { return table.rows().iter().collect() };
    let (candidates, decided) = narrow(table, kind, filter).unwrap_or_else(|| (table.rows().iter().collect(), false));
    if decided {
        return candidates;
    }
    let as_stored = render::stored_decides(filter);
    let holds = |record: &&Arc<Record>| condition.holds(&view(renderer, record, as_stored));
    candidates.into_iter().filter(holds).collect()
}

fn sorted<'a>(renderer: Renderer<'_>, records: Vec<&'a Arc<Record>>, sort: &Sort) -> Vec<&'a Arc<Record>> {
    let as_stored = render::is_stored(&sort.path);
    let key = |record: &'a Arc<Record>| (sort.key(&view(renderer, record, as_stored), record.kind.ty()), record);
    let mut keyed: Vec<_> = records.into_iter().map(key).collect();
    // The sort is stable: equal keys stay in order of creation, so that pages tile the result.
    keyed.sort_by(|(a, _), (b, _)| sort.compare(a, b));
    keyed.into_iter().map(|(_, record)| record).collect()
}

fn view(renderer: Renderer<'_>, record: &Record, as_stored: bool) -> Value {
    if as_stored { render::stored(record) } else { renderer.resource(record) }
}

/// Returns for each kind what its resources have to meet. What makes no sense for any of the kinds is refused, even if
/// there is no resource.
fn conditions(filter: Option<&Filter>, kinds: &[Kind]) -> Result<Vec<Option<Condition>>, ScimError> {
    let Some(filter) = filter else { return Ok(kinds.iter().map(|_| None).collect()) };
    let types: Vec<&ResourceType> = kinds.iter().map(|kind| kind.ty()).collect();
    let conditions = types.iter().map(|ty| Condition::new(filter, ty, &types).map(Some));
    Ok(conditions.collect::<Result<_, _>>()?)
}

/// A filter made ready for one of several resource types.
#[derive(Debug)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Matches(Matcher),
    /// Decided already.
    Always(bool),
}

impl Condition {
    /// RFC 7644 §3.4.2.1: in a query over several types, an attribute that a type lacks is one without a value. One
    /// that all of them lack is a mistake.
    fn new(filter: &Filter, ty: &ResourceType, all: &[&ResourceType]) -> Result<Condition, EvalError> {
        let error = match Matcher::new(filter, ty) {
            Ok(matcher) => return Ok(Condition::Matches(matcher)),
            Err(error) => error,
        };
        if all.len() == 1 {
            return Err(error);
        }
        let below = |inner: &Filter| Condition::new(inner, ty, all);
        match filter {
            Filter::And(left, right) => Ok(Condition::All(vec![below(left)?, below(right)?])),
            Filter::Or(left, right) => Ok(Condition::Any(vec![below(left)?, below(right)?])),
            Filter::Not(inner) => Ok(Condition::Not(Box::new(below(inner)?))),
            leaf if all.iter().any(|other| Matcher::new(leaf, other).is_ok()) => {
                Ok(Condition::Always(holds_of_nothing(leaf)))
            }
            _ => Err(error),
        }
    }

    fn holds(&self, resource: &Value) -> bool {
        match self {
            Condition::All(conditions) => conditions.iter().all(|condition| condition.holds(resource)),
            Condition::Any(conditions) => conditions.iter().any(|condition| condition.holds(resource)),
            Condition::Not(condition) => !condition.holds(resource),
            Condition::Matches(matcher) => matcher.matches(resource),
            Condition::Always(decision) => *decision,
        }
    }
}

/// Tells whether an expression holds where its attribute has no value, as [`Matcher`] reads it.
fn holds_of_nothing(leaf: &Filter) -> bool {
    match leaf {
        Filter::Compare { op: CompareOp::Ne, value, .. } => !value.is_null(),
        Filter::Compare { op: CompareOp::Eq, value, .. } => value.is_null(),
        _ => false,
    }
}
