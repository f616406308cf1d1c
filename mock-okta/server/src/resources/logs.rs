//! The System Log.

use jiff::Timestamp;
use mock_okta::org::LogEntry;
use serde_json::Value;

use crate::call::{Answer, Call};
use crate::error::{ApiError, Code};
use crate::expression::Expression;
use crate::page::{Size, limit, target};
use crate::shape::log::event;
use crate::world::World;

/// Lists events, oldest first unless the call says otherwise.
///
/// Okta's documentation of the endpoint: `since` lies seven days back where it is not given; a query with an `until` ends,
/// one without always has a next page, which a client can poll.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let query = Query::read(world, call)?;
    let log = world.org.log();
    let found = if query.descending {
        let before = query.after.unwrap_or(log.len());
        collect(world, &query, log[..before].iter().rev())
    } else {
        let from = query.after.map_or(0, |after| after.saturating_add(1)).min(log.len());
        collect(world, &query, log[from..].iter())
    };
    let last = found.last().map(|(serial, _)| *serial);
    let is_full = found.len() == query.limit;
    let polls = !query.descending && query.until.is_none();
    let mut links = vec![("self", target(call, call.parameter("after").as_deref(), None))];
    if is_full || polls {
        // A poller that has seen everything begins where the log ends at this moment.
        let cursor = last.or(query.after.map(|after| after as u64)).or((log.len() as u64).checked_sub(1));
        links.push(("next", target(call, cursor.map(|cursor| cursor.to_string()).as_deref(), Some(query.limit))));
    }
    let events = found.into_iter().map(|(_, event)| event).collect();
    Ok(Answer { links, ..Answer::ok(Value::Array(events)) })
}

fn collect<'a>(world: &World, query: &Query, entries: impl Iterator<Item = &'a LogEntry>) -> Vec<(u64, Value)> {
    let in_time = entries.filter(|entry| query.covers(world.clock.began, entry.at));
    let drawn = in_time.map(|entry| (entry.serial, event(world, entry)));
    drawn.filter(|(_, event)| query.wants(event)).take(query.limit).collect()
}

/// What a call asks for.
struct Query {
    since: Timestamp,
    until: Option<Timestamp>,
    filter: Option<Expression>,
    words: Vec<String>,
    descending: bool,
    limit: usize,
    /// The serial of the last event of the page before.
    after: Option<usize>,
}

impl Query {
    fn read(world: &World, call: &Call) -> Result<Query, ApiError> {
        let moment = |name: &str| call.parameter(name).map(|text| read_moment(&text)).transpose();
        let until = moment("until")?;
        let now = world.clock.began.saturating_add(i64::try_from(world.org.now()).unwrap_or(i64::MAX));
        let week_ago = Timestamp::from_second(now.saturating_sub(WEEK)).unwrap_or(Timestamp::MIN);
        let after = call.parameter("after").map(|text| text.parse::<usize>());
        Ok(Query {
            since: moment("since")?.unwrap_or(week_ago),
            until,
            filter: call.parameter("filter").map(|text| Expression::parse(&text)).transpose()?,
            words: call.parameter("q").iter().flat_map(|text| text.split_whitespace()).map(str::to_lowercase).collect(),
            descending: match call.parameter("sortOrder").as_deref() {
                None | Some("ASCENDING") => false,
                Some("DESCENDING") => true,
                Some(_) => {
                    return Err(ApiError::validation("sortOrder", "sortOrder: it is neither ASCENDING nor DESCENDING"));
                }
            },
            limit: limit(call, Size { default: 100, most: 1000 })?,
            after: after.transpose().map_err(|_| ApiError::of(Code::InvalidPaging))?,
        })
        .and_then(|query| match query.after {
            Some(after) if after >= world.org.log().len() => Err(ApiError::of(Code::InvalidPaging)),
            _ => Ok(query),
        })
    }

    fn covers(&self, began: i64, at: u64) -> bool {
        let seconds = began.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
        let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        // The log counts whole seconds, so the beginning of the second `since` is in counts.
        moment >= self.since.saturating_sub(jiff::SignedDuration::from_millis(999)).unwrap_or(Timestamp::MIN)
            && self.until.is_none_or(|until| moment <= until)
    }

    fn wants(&self, event: &Value) -> bool {
        let text = if self.words.is_empty() { String::new() } else { event.to_string().to_lowercase() };
        self.filter.as_ref().is_none_or(|filter| filter.matches(event))
            && self.words.iter().all(|word| text.contains(word))
    }
}

fn read_moment(text: &str) -> Result<Timestamp, ApiError> {
    // Okta takes a date alone for its first moment.
    let whole = format!("{text}T00:00:00Z");
    text.parse().or_else(|_| whole.parse()).map_err(|_| ApiError::of(Code::InvalidDate))
}

const WEEK: i64 = 7 * 86_400;
