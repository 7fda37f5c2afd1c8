//! Messages that the simulated SMS vendor took.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;

/// Older messages are forgotten.
const CAPACITY: usize = 1_000;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    pub at: Timestamp,
    /// Eleven digits.
    pub phone: String,
    pub template_id: String,
    pub sign_name: String,
    pub params: Vec<String>,
    /// The first parameter: for login codes, the code.
    pub code: String,
    /// What the phone shows.
    pub text: String,
    pub serial_no: String,
    pub session_context: String,
}

/// The messages, newest first.
#[derive(Debug, Default)]
pub(crate) struct Outbox(Mutex<VecDeque<Message>>);

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, message: Message) {
        let mut messages = self.lock();
        messages.truncate(CAPACITY - 1);
        messages.push_front(message);
    }

    /// The messages to `phone`, or to all phones.
    pub(crate) fn list(&self, phone: Option<&str>) -> Vec<Message> {
        self.lock().iter().filter(|m| phone.is_none_or(|phone| m.phone == phone)).cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }
}
