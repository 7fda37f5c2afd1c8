//! Switches by which each simulated system can be made to fail as real ones do.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// Which simulated system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partner {
    /// SMS.
    Sms,
    /// The identity platform.
    Identity,
    /// The registration system.
    Registration,
}

/// How a system is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// HTTP 503 without a body that means anything.
    Unavailable,
    /// The connection is closed before an answer.
    HangUp,
}

/// How one system misbehaves. The default does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switch {
    /// Out; nothing is processed.
    pub outage: Option<Outage>,
    /// Milliseconds before anything is done.
    pub slow_ms: u64,
    /// Answers with this error code of the system's own; nothing is processed.
    pub error: Option<String>,
    /// Answers with what is no JSON; nothing is processed.
    pub garbage: bool,
    /// The registration system signs its answers wrongly; the vendors find the request's signature wrong. Processed by the former.
    pub bad_signature: bool,
    /// Processes the request and closes the connection instead of answering.
    pub lose_answer: bool,
    /// For so many calls, then all is well again; for good if absent.
    pub times: Option<u32>,
}

impl Switch {
    /// Whether it changes anything.
    pub fn is_on(&self) -> bool {
        Switch { times: None, ..self.clone() } != Switch::default()
    }
}

/// All switches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// SMS.
    pub sms: Switch,
    /// The identity platform.
    pub identity: Switch,
    /// The registration system.
    pub registration: Switch,
}

/// New positions; a system that is not named keeps its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewPositions {
    /// SMS.
    pub sms: Option<Switch>,
    /// The identity platform.
    pub identity: Option<Switch>,
    /// The registration system.
    pub registration: Option<Switch>,
}

/// The switchboard of a running sandbox.
#[derive(Debug, Default)]
pub(crate) struct Switchboard(Mutex<Switches>);

impl Switchboard {
    fn lock(&self) -> MutexGuard<'_, Switches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn positions(&self) -> Switches {
        self.lock().clone()
    }

    pub(crate) fn set(&self, new: NewPositions) -> Switches {
        let mut all = self.lock();
        let all = &mut *all;
        for (switch, new) in [
            (&mut all.sms, new.sms),
            (&mut all.identity, new.identity),
            (&mut all.registration, new.registration),
        ] {
            if let Some(new) = new {
                *switch = new;
            }
        }
        all.clone()
    }

    pub(crate) fn reset(&self) {
        *self.lock() = Switches::default();
    }

    /// The switch for one call of `partner`, which it counts, after its slowness has passed.
    pub(crate) async fn pass(&self, partner: Partner) -> Switch {
        let switch = self.take(partner);
        if switch.slow_ms > 0 {
            tokio::time::sleep(Duration::from_millis(switch.slow_ms)).await;
        }
        switch
    }

    fn take(&self, partner: Partner) -> Switch {
        let mut all = self.lock();
        let switch = match partner {
            Partner::Sms => &mut all.sms,
            Partner::Identity => &mut all.identity,
            Partner::Registration => &mut all.registration,
        };
        let now = switch.clone();
        match &mut switch.times {
            None => {}
            Some(0 | 1) => *switch = Switch::default(),
            Some(left) => *left -= 1,
        }
        if now.times == Some(0) { Switch::default() } else { now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_switch_falls_back_by_itself() {
        let board = Switchboard::default();
        let garbage = Switch { garbage: true, times: Some(2), ..Switch::default() };
        board.set(NewPositions { identity: Some(garbage), ..NewPositions::default() });
        let seen: Vec<bool> = (0..4).map(|_| board.take(Partner::Identity).garbage).collect();
        assert_eq!(seen, [true, true, false, false]);
        assert_eq!(board.positions(), Switches::default());
    }

    #[test]
    fn a_system_that_is_not_named_keeps_its_switch() {
        let board = Switchboard::default();
        let slow = Switch { slow_ms: 5, ..Switch::default() };
        board.set(NewPositions { sms: Some(slow.clone()), ..NewPositions::default() });
        board.set(NewPositions { identity: Some(Switch::default()), ..NewPositions::default() });
        assert_eq!(board.positions().sms, slow);
    }
}
