//! `PUT /_mock/hooks/behaviour`: how the org delivers, for tests of what receivers have to bear.

use std::time::Duration;

use mock_okta::hook::Behaviour;
use serde_json::{Map, Value, json};

use crate::call::{Answer, Call};
use crate::error::ApiError;
use crate::world::World;

/// Sets how the org delivers. What the call leaves out is as it is by default.
pub(crate) fn change(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    world.hooks.behaviour = read(&call.object()?)?;
    Ok(Answer::ok(shown(&world.hooks.behaviour)))
}

/// Returns the JSON.
pub(super) fn shown(behaviour: &Behaviour) -> Value {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    json!({
        "batch": behaviour.batch,
        "gather": milliseconds(behaviour.gather),
        "delay": milliseconds(behaviour.delay),
        "duplicates": behaviour.duplicates,
        "shuffle": behaviour.shuffle,
        "seed": behaviour.seed,
    })
}

fn read(body: &Map<String, Value>) -> Result<Behaviour, ApiError> {
    let mut behaviour = Behaviour::default();
    for (key, value) in body {
        let number = |least: u64, most: u64| match value.as_u64().filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(number),
            None => Err(ApiError::validation(key, format!("{key}: it is no whole number from {least} to {most}"))),
        };
        match key.as_str() {
            "batch" => behaviour.batch = usize::try_from(number(1, 1000)?).unwrap_or(1),
            "gather" => behaviour.gather = Duration::from_millis(number(0, LONGEST)?),
            "delay" => behaviour.delay = Duration::from_millis(number(0, LONGEST)?),
            "duplicates" => behaviour.duplicates = u8::try_from(number(0, 100)?).unwrap_or(100),
            "seed" => behaviour.seed = number(0, u64::MAX)?,
            "shuffle" => {
                let refused = || ApiError::validation(key, "shuffle: it is neither true nor false");
                behaviour.shuffle = value.as_bool().ok_or_else(refused)?;
            }
            _ => {
                let cause = format!("{key}: it is none of batch, gather, delay, duplicates, shuffle, seed");
                return Err(ApiError::validation("behaviour", cause));
            }
        }
    }
    Ok(behaviour)
}

/// Ten minutes, in milliseconds.
const LONGEST: u64 = 600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_behaviour_is_read_as_it_is_shown_and_nonsense_is_refused() {
        let given = json!({ "batch": 3, "gather": 50, "delay": 0, "duplicates": 25, "shuffle": true, "seed": 7 });
        let behaviour = read(given.as_object().unwrap()).unwrap();
        assert_eq!(shown(&behaviour), given);
        assert_eq!(read(&Map::new()), Ok(Behaviour::default()));
        for wrong in [
            json!({ "batch": 0 }),
            json!({ "batch": "3" }),
            json!({ "duplicates": 101 }),
            json!({ "delay": -1 }),
            json!({ "shuffle": 1 }),
            json!({ "chaos": true }),
        ] {
            assert!(read(wrong.as_object().unwrap()).is_err(), "{wrong}");
        }
    }
}
