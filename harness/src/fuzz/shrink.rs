//! Makes a failing input small, and makes sure of it.

use super::driver::Search;
use super::lane::{Evidence, Lane};
use super::{Breach, Judgement, Subject};
use crate::client::Stop;
use scim_fuzz::Inputs;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// An input with what it shows.
pub(super) struct Case<I> {
    pub(super) input: Rc<I>,
    pub(super) breach: Breach,
}

/// How often a breach showed when the same input was sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// Every time.
    Always,
    /// Not every time.
    Sometimes {
        /// How often it showed.
        seen: u32,
        /// How often it was looked for.
        of: u32,
    },
    /// Nobody knows: the run ended before it could be looked at again.
    Unknown,
}

/// Takes the first simpler input that is still wrong in the same way, as long as there is one.
///
/// Every candidate must be smaller than what it stands for, so that this ends; a bound on requests and time holds
/// where the inputs are many or the server is slow.
pub(super) async fn shrink<S: Subject>(
    search: &Search<'_, S>,
    lane: &Lane<'_>,
    mut best: Case<<S::Inputs as Inputs>::Input>,
) -> Result<Case<<S::Inputs as Inputs>::Input>, Stop> {
    let inputs = search.subject().inputs();
    let until = Instant::now() + LONGEST;
    let mut left = MOST_ATTEMPTS;
    'smaller: loop {
        let size = inputs.size(&best.input);
        for candidate in inputs.simpler(&best.input) {
            if inputs.size(&candidate) >= size {
                continue;
            }
            if left == 0 || Instant::now() > until || search.is_lost() {
                return Ok(best);
            }
            left -= 1;
            let candidate = Rc::new(candidate);
            if let Judgement::Broken(breach) = search.judge(lane, &candidate).await?
                && breach.identity == best.breach.identity
            {
                best = Case { input: candidate, breach: *breach };
                continue 'smaller;
            }
        }
        return Ok(best);
    }
}

/// Sends an input again and again; the exchanges of the last time that showed the breach are kept as `step`.
///
/// Returns how sure the breach is and its exchanges; the case gets the breach as they show it.
pub(super) async fn confirm<S: Subject>(
    search: &Search<'_, S>,
    lane: &Lane<'_>,
    case: &mut Case<<S::Inputs as Inputs>::Input>,
    step: &str,
) -> Result<(Certainty, Evidence), Stop> {
    let mut seen = 0;
    for time in 1..=TIMES {
        // One round of evidence is enough; where the last one shows nothing, the report has the request all the same.
        let keeps = time == TIMES;
        if keeps {
            lane.keep(step);
        }
        let judged = search.judge(lane, &case.input).await;
        let kept = if keeps { lane.kept() } else { Evidence::default() };
        if let Judgement::Broken(breach) = judged?
            && breach.identity == case.breach.identity
        {
            seen += 1;
            case.breach = *breach;
        }
        if keeps {
            let certainty = if seen == TIMES { Certainty::Always } else { Certainty::Sometimes { seen, of: TIMES } };
            return Ok((certainty, kept));
        }
    }
    unreachable!("the last time returns")
}

/// How often a breach must show again before it is told as certain.
const TIMES: u32 = 3;
const MOST_ATTEMPTS: u32 = 2000;
const LONGEST: Duration = Duration::from_secs(60);
