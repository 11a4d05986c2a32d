#!/bin/bash
# What there is to run on a machine with one card, in order of worth. No card has been at hand to
# try it on. The same line again trains only what is missing.
#
#     bash studies/on_gpu.sh            all lines
#     bash studies/on_gpu.sh 1 2 4      these lines
#
# From the environment:
#     PYTHON   the interpreter, with what grokseed and its tests need; python3
#     LIMIT    seconds after which a line is cut; 540. Writing a scan's tables comes on top.
#     TOTAL    seconds for everything, tables included; if not set, there is no such limit
#     LEAST    of these, what a line must have to be started; 120. A round of 530 lanes may take 250.
#     OUT      a folder that gets the tables of each line in a tar file, for a machine that keeps no
#              files: nothing is saved in the middle of training. Tables are enough to go on from.
#     COMPILE  --compile, where the benchmark says that it is faster. It is part of a run's
#              numerics, as are --lanes: keep both in a folder.
#     GROKSEED_COMMIT  the package's commit, where git does not track it
#
# The last lines say how each went. The exit status is 1 if one failed, else 124 if one was cut or
# left out, else 0.
set -u
grace=120 checkpoints= # seconds to save the runs in training
if [ -n "${OUT:-}" ]; then
    mkdir -p "$OUT" && OUT=$(realpath "$OUT") || exit
    grace=20 checkpoints=--no-checkpoints
fi
cd "$(dirname "$0")/.." && mkdir -p results/speed || exit
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
python=${PYTHON:-python3} writing=60 status=0 summary= stopped=
trap 'stopped=1' INT TERM HUP

timed() { # run a command for what is left of the line's time, and note how it went
    local code=124 left=$((end - SECONDS))
    echo "+ $*" >&2
    [ -n "$stopped" ] || [ $left -le 0 ] || { timeout --foreground -k $grace $left "$@"; code=$?; }
    case $code in
    0) ;;
    124 | 129 | 130 | 137 | 143) [ "$how" = failed ] || how=cut ;;
    *) how=failed ;;
    esac
    return $code
}
gpu_tests() { timed "$python" -m pytest -m gpu -v --durations=0 -W default -k "$1" tests/training/test_gpu.py; }
speed() { # a table of what a step takes: name, options
    local out=results/speed/$1.md && shift
    [ ! -s "$out" ] || return 0
    timed "$python" studies/speed --device cuda --precision tf32 --turns 5 "$@" >"$out.part" &&
        mv "$out.part" "$out"
    tables+=("$out" "$out.part")
}
scan() { # train a folder's runs: name, options. A scan that is cut writes no tables by itself.
    local out=results/$1 && shift
    timed "$python" -m grokseed.scan --device cuda $checkpoints ${COMPILE:-} "$@" --out "$out" ||
        [ ! -e "$out" ] ||
        timeout --foreground -k 5 $writing "$python" -m grokseed.scan --export --out "$out"
    tables+=("$out"/{config.json,runs.csv,excluded.csv,trajectories.npz})
}
oracle() { scan diary_oracle_$1 --scheme diary --model-seeds 42,56 --loader-seeds 0,8 --lanes 8 --precision $1; }
wide() { scan "$@" --lanes 530 --precision tf32; }
to_the_end() { scan "$@" --stop-when completed --lanes 64 --precision tf32; }

work() { # diary_claims/diary_rates.py reads a card's folder or a processor's: the one with more runs
    case $1 in
    1) gpu_tests "not compiled" ;;
    2) speed gpu_64 --lanes 64; speed gpu_512 --lanes 512 ;;
    3) oracle tf32; oracle fp32 ;;
    4) wide diary_gpu --scheme diary --model-seeds 0:2073 --loader-seeds 8 ;;
    5) wide models_gpu --scheme independent --model-seeds 0:2073 --loader-seeds 8 --split-seeds 0 ;;
    6) wide loaders_gpu --scheme diary --model-seeds 42 --loader-seeds 0:3180 ;;
    7) wide no_decay_gpu --scheme diary --model-seeds 0:1539 --loader-seeds 8 --weight-decay 0 ;;
    8) to_the_end completed_gpu --scheme diary --model-seeds 0:64 --loader-seeds 8 --max-steps 24000 ;;
    9) gpu_tests "compiled and (groks or tf32)"; speed gpu_512_compiled --lanes 512 --compile true ;;
    *) echo "on_gpu: there is no line $1" >&2; how=failed ;;
    esac
    local there=()
    for table in "${tables[@]}"; do [ ! -s "$table" ] || there+=("$table"); done
    [ -z "${OUT:-}" ] || [ ${#there[@]} -eq 0 ] || tar -czf "$OUT/line_$1.tar.gz" "${there[@]}" || how=failed
}

[ $# -gt 0 ] || set -- 1 2 3 4 5 6 7 8 9
for line; do
    begun=$SECONDS end=$((SECONDS + ${LIMIT:-540})) last=$((${TOTAL:-99999999} - writing - grace)) how=ok tables=()
    [ $end -le $last ] || end=$last
    if [ -n "$stopped" ] || [ $((last - SECONDS)) -lt "${LEAST:-120}" ]; then how="left out"; else work "$line"; fi
    summary+="line $line: $how, $((SECONDS - begun)) s"$'\n'
    case $how in ok) ;; failed) status=1 ;; *) [ $status -ne 0 ] || status=124 ;; esac
done
printf %s "$summary" >&2
exit $status
