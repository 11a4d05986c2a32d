#!/bin/sh
# What there is to run on a card, in order; each command ends after 9 minutes at most and is
# resumable: the same line again does only what is missing, as often as it takes. Run it from the
# repository, with grokseed and its tests' needs installed. No card has been at hand to try it on.
# A scan stores runs as they end, 519 together: where 519 x 3,000 run-steps take more than 500 s by
# the benchmark, set fewer lanes.
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
line 1 'timeout 530 python -m pytest -m gpu'
table='python studies/speed --device cuda --precision tf32 --compile true --turns 5'
for lanes in 1 8 64 256 512 1024; do
    out=results/speed/gpu_$lanes.md
    line 2 "mkdir -p results/speed; [ -s $out ] || { timeout 530 $table --lanes $lanes >$out.part && mv $out.part $out; }"
done
oracle="$scan --lanes 8 --scheme diary --model-seeds 42,56 --loader-seeds 0,8"
for precision in tf32 fp32; do
    line 3 "$oracle --precision $precision --out results/diary_oracle_$precision"
done
# Of these folders and those of a processor, diary_claims/diary_rates.py reads the ones with more
# runs; studies/plan.md names both.
line 4 "$diary --scheme diary --model-seeds 0:2073 --loader-seeds 8 --out results/diary_gpu"
line 5 "$diary --scheme independent --model-seeds 0:2073 --loader-seeds 8 --split-seeds 0 --out results/models_gpu"
line 6 "$diary --scheme diary --model-seeds 42 --loader-seeds 0:3180 --out results/loaders_gpu"
line 7 "$diary --scheme diary --model-seeds 0:1539 --loader-seeds 8 --weight-decay 0 --out results/no_decay_gpu"
line 8 "$diary --scheme diary --model-seeds 0:64 --loader-seeds 8 --max-steps 24000 --stop-when completed --out results/completed_gpu"
