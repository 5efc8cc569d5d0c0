//! Commands in flight, in the order of their numbers. A map would do too, but in a browser its code is downloaded: here most
//! come at the end and go from the front.

use alloc::collections::VecDeque;

use super::core::Pending;
use crate::id::CommandId;

/// The commands, the oldest first.
#[derive(Debug)]
pub(super) struct InFlight<W>(VecDeque<(CommandId, Pending<W>)>);

impl<W> InFlight<W> {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    /// Adds one whose number is in use for no other. One that is out of band overtakes those that wait to be sent.
    pub(super) fn insert(&mut self, id: CommandId, pending: Pending<W>) {
        let place = self.0.iter().rposition(|(other, _)| *other < id);
        self.0.insert(place.map_or(0, |place| place + 1), (id, pending));
    }

    pub(super) fn get(&self, id: CommandId) -> Option<&Pending<W>> {
        self.place(id).map(|place| &self.0[place].1)
    }

    pub(super) fn get_mut(&mut self, id: CommandId) -> Option<&mut Pending<W>> {
        self.place(id).map(|place| &mut self.0[place].1)
    }

    pub(super) fn remove(&mut self, id: CommandId) -> Option<Pending<W>> {
        let place = self.place(id)?;
        self.0.remove(place).map(|(_, pending)| pending)
    }

    pub(super) fn pop_oldest(&mut self) -> Option<(CommandId, Pending<W>)> {
        self.0.pop_front()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(CommandId, Pending<W>)> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut (CommandId, Pending<W>)> {
        self.0.iter_mut()
    }

    fn place(&self, id: CommandId) -> Option<usize> {
        // The reply that comes is most often to the oldest.
        match self.0.front() {
            Some((oldest, _)) if *oldest == id => Some(0),
            _ => self.0.binary_search_by_key(&id, |(id, _)| *id).ok(),
        }
    }
}
