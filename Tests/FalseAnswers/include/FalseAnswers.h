// Files whose reading process has been taken over and answers what it likes.
#pragma once
#include <CHDF5.h>

/// Opens one that answers anything at all, the same for the same seed, until an answer makes no sense.
chdf5_code false_answers_open(uint64_t seed, chdf5_file **file, chdf5_error *error);

/// Opens one that states this form, whatever it is asked.
chdf5_code false_answers_open_form(
    const chdf5_form *form, chdf5_file **file, chdf5_error *error);

/// Opens one that says nothing until it is asked a second time, and then that a group stands at each
/// of both places. It is given little time.
chdf5_code false_answers_open_late(chdf5_file **file, chdf5_error *error);

/// Opens one that answers with one byte after the other, and never with the last. It is given little
/// time.
chdf5_code false_answers_open_dripping(chdf5_file **file, chdf5_error *error);

/// SplitMix64; the same numbers for the same state.
uint64_t draw(uint64_t *state);
/// A number below `bound`, which is not 0.
size_t draw_below(uint64_t *state, size_t bound);
