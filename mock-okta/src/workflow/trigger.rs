//! What starts a flow: an event of the System Log, or a time of day.

use std::fmt;

use serde::Deserialize;

use crate::org::EventType;

/// What starts a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Trigger {
    /// An event of this type, whatever its outcome; `event.outcome.result` tells.
    Event(EventType),
    /// Every day at this time in the org's time zone: `schedule:daily 02:30`.
    Daily {
        /// From 0 to 23.
        hour: u8,
        /// From 0 to 59.
        minute: u8,
    },
}

impl TryFrom<String> for Trigger {
    type Error = String;

    fn try_from(text: String) -> Result<Trigger, String> {
        if let Some(schedule) = text.strip_prefix("schedule:") {
            return daily(schedule).ok_or_else(|| {
                format!("{text:?} is no schedule; there is one kind: schedule:daily HH:MM, in the org's time zone")
            });
        }
        let known = EventType::ALL.iter().find(|event_type| event_type.name() == text);
        known.map(|event_type| Trigger::Event(*event_type)).ok_or_else(|| unknown(&text))
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trigger::Event(event_type) => formatter.write_str(event_type.name()),
            Trigger::Daily { hour, minute } => write!(formatter, "schedule:daily {hour:02}:{minute:02}"),
        }
    }
}

fn daily(schedule: &str) -> Option<Trigger> {
    let (hour, minute) = schedule.strip_prefix("daily ")?.trim().split_once(':')?;
    let number = |text: &str, most: u8| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| is_number && *number <= most)
    };
    Some(Trigger::Daily { hour: number(hour, 23)?, minute: number(minute, 59)? })
}

fn unknown(text: &str) -> String {
    let names = EventType::ALL.iter().map(|event_type| event_type.name());
    let near = near(text, names);
    format!("the org logs no event type {text:?}{}; a time is written schedule:daily HH:MM", did_you_mean(&near))
}

/// Returns the names that look like a text, the likeliest first.
pub(super) fn near<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> =
        names.map(|name| (strsim::jaro_winkler(text, name), name)).filter(|(score, _)| *score > LIKE).collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored.into_iter().take(MOST_NEAR).map(|(_, name)| name).collect()
}

/// Returns the question that a list of near names ends in; nothing where there are none.
pub(super) fn did_you_mean(near: &[&str]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

const LIKE: f64 = 0.8;
const MOST_NEAR: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_type_of_the_log_starts_a_flow() {
        for event_type in EventType::ALL {
            let trigger = Trigger::try_from(event_type.name().to_owned());
            assert_eq!(trigger, Ok(Trigger::Event(*event_type)));
            assert_eq!(trigger.unwrap().to_string(), event_type.name());
        }
    }

    #[test]
    fn an_unknown_event_type_is_answered_with_near_ones() {
        let error = Trigger::try_from("user.lifecycle.deactivated".to_owned()).unwrap_err();
        assert!(error.contains("did you mean user.lifecycle.deactivate"), "{error}");
        let error = Trigger::try_from("qqq".to_owned()).unwrap_err();
        assert!(!error.contains("did you mean") && error.contains("schedule:daily HH:MM"), "{error}");
    }

    #[test]
    fn a_schedule_is_a_time_of_day() {
        let trigger = Trigger::try_from("schedule:daily 02:30".to_owned());
        assert_eq!(trigger, Ok(Trigger::Daily { hour: 2, minute: 30 }));
        assert_eq!(trigger.unwrap().to_string(), "schedule:daily 02:30");
        for text in ["schedule:daily 24:00", "schedule:daily 2:30", "schedule:hourly 02:30", "schedule:daily +2:30"] {
            assert!(Trigger::try_from(text.to_owned()).unwrap_err().contains("schedule:daily HH:MM"), "{text}");
        }
    }
}
