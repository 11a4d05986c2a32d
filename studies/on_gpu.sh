#!/bin/sh
# What there is to run on a card, in order; each line by itself, ended after 9 minutes at most, and
# resumable: the same line again does only what is missing, as often as it takes. Run it from the
# repository, with grokseed and its tests' needs installed. No card has been at hand to try it on.
#
#     sh studies/on_gpu.sh          all lines
#     sh studies/on_gpu.sh 4        the fourth alone
#
# COMPILE=--compile fuses elementwise work: set it where the benchmark says that it is faster. It
# is part of a run's numerics, as are --lanes: keep both for all lines.
set -eu
scan="timeout -s INT 530 python -m grokseed.scan --device cuda ${COMPILE:-}"
diary="$scan --lanes 519 --precision tf32"

line() {
    case "${only:-$1}" in "$1") shift && echo "+ $*" >&2 && eval "$*" ;; esac
}

only="${1:-}"
line 1 'python -m pytest -m gpu'
line 2 'mkdir -p results/speed && python studies/speed.py --device cuda --precision tf32 --compile true --turns 5 >results/speed/gpu.md'
oracle="$scan --lanes 8 --scheme diary --model-seeds 42,56 --loader-seeds 0,8"
line 3 "$oracle --precision tf32 --out results/diary_oracle_tf32 && $oracle --precision fp32 --out results/diary_oracle_fp32"
line 4 "$diary --scheme diary --model-seeds 0:2073 --loader-seeds 8 --out results/diary_gpu"
line 5 "$diary --scheme independent --model-seeds 0:2073 --loader-seeds 8 --split-seeds 0 --out results/models_gpu"
line 6 "$diary --scheme diary --model-seeds 42 --loader-seeds 0:3180 --out results/loaders_gpu"
line 7 "$diary --scheme diary --model-seeds 0:1539 --loader-seeds 8 --weight-decay 0 --out results/no_decay_gpu"
