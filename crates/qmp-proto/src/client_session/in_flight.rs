//! Commands in flight, in the order of their numbers. A map would do too, but in a browser its code is downloaded: here most
//! come at the end and go from the front. What goes from elsewhere leaves a hole, so that no other is moved for it.

use alloc::collections::VecDeque;

use super::core::Pending;
use crate::id::CommandId;

/// The commands, the oldest first.
#[derive(Debug)]
pub(super) struct InFlight<W> {
    /// The first is no hole.
    places: VecDeque<(CommandId, Option<Pending<W>>)>,
    holes: usize,
}

impl<W> InFlight<W> {
    pub(super) const fn new() -> Self {
        Self {
            places: VecDeque::new(),
            holes: 0,
        }
    }

    /// Adds one whose number is in use for no other. One that is out of band overtakes those that wait to be sent.
    pub(super) fn insert(&mut self, id: CommandId, pending: Pending<W>) {
        self.places.push_back((id, Some(pending)));
        let mut place = self.places.len() - 1;
        while place > 0 && self.places[place - 1].0 > id {
            self.places.swap(place - 1, place);
            place -= 1;
        }
    }

    pub(super) fn get(&self, id: CommandId) -> Option<&Pending<W>> {
        self.places[self.find(id)?].1.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: CommandId) -> Option<&mut Pending<W>> {
        let place = self.find(id)?;
        self.places[place].1.as_mut()
    }

    pub(super) fn remove(&mut self, id: CommandId) -> Option<Pending<W>> {
        let place = self.find(id)?;
        let removed = self.places[place].1.take()?;
        self.holes += 1;
        self.tidy();
        Some(removed)
    }

    pub(super) fn pop_oldest(&mut self) -> Option<(CommandId, Pending<W>)> {
        let (id, pending) = self.places.pop_front()?;
        self.tidy();
        Some((id, pending?))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (CommandId, &Pending<W>)> {
        self.places
            .iter()
            .filter_map(|(id, pending)| Some((*id, pending.as_ref()?)))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (CommandId, &mut Pending<W>)> {
        self.places
            .iter_mut()
            .filter_map(|(id, pending)| Some((*id, pending.as_mut()?)))
    }

    fn find(&self, id: CommandId) -> Option<usize> {
        let (oldest, _) = self.places.front()?;
        // Where it is unless commands out of band, or holes that were dropped, are between.
        let place = usize::try_from(id.0.checked_sub(oldest.0)?).ok()?;
        match self.places.get(place) {
            Some((at_place, _)) if *at_place == id => Some(place),
            _ => self.places.binary_search_by_key(&id, |(id, _)| *id).ok(),
        }
    }

    /// Drops the holes in front, and all of them once few are none: a command that takes long keeps what came after it.
    fn tidy(&mut self) {
        while let Some((_, None)) = self.places.front() {
            self.places.pop_front();
            self.holes -= 1;
        }
        if self.holes > self.places.len() - self.places.len() / 8 {
            for _ in 0..self.places.len() {
                if let Some((id, Some(pending))) = self.places.pop_front() {
                    self.places.push_back((id, Some(pending)));
                }
            }
            self.holes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Beside a map, with numbers that come a little out of order and go from anywhere.
        #[test]
        fn a_map_would_do_the_same(steps in prop::collection::vec((0..4u8, any::<prop::sample::Index>()), 0..600)) {
            let mut in_flight = InFlight::new();
            let mut map = BTreeMap::new();
            for (nth, (step, index)) in steps.into_iter().enumerate() {
                let numbers: Vec<u64> = map.keys().copied().collect();
                match step {
                    0 | 1 => {
                        let number = 2 * nth as u64 + 5 * u64::from(step);
                        map.insert(number, nth);
                        in_flight.insert(CommandId(number), Pending::OutOfBand(nth));
                    }
                    2 if !numbers.is_empty() => {
                        let number = *index.get(&numbers);
                        prop_assert_eq!(waiter(in_flight.remove(CommandId(number)).as_ref()), map.remove(&number));
                        prop_assert!(in_flight.remove(CommandId(number)).is_none());
                    }
                    _ => {
                        let oldest = in_flight.pop_oldest();
                        let oldest = oldest.map(|(id, pending)| (id.0, waiter(Some(&pending)).unwrap()));
                        prop_assert_eq!(oldest, map.pop_first());
                    }
                }
                let all = in_flight.iter().map(|(id, pending)| (id.0, waiter(Some(pending)).unwrap()));
                prop_assert!(all.eq(map.iter().map(|(number, waiter)| (*number, *waiter))));
                for (number, nth) in &map {
                    prop_assert_eq!(waiter(in_flight.get(CommandId(*number))), Some(*nth));
                }
                prop_assert!(in_flight.places.len() <= 8 * (map.len() + 1), "holes are bounded");
            }
        }
    }

    fn waiter(pending: Option<&Pending<usize>>) -> Option<usize> {
        match pending? {
            Pending::OutOfBand(waiter) => Some(*waiter),
            _ => None,
        }
    }
}
