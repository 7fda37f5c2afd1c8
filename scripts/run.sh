#!/usr/bin/env bash
# Starts sandbox, server and worker for trying out, waits until they answer, and tells where to go. Ctrl-C ends all of it.
set -euo pipefail
cd "$(dirname "$0")/.."

zhaoyan=${ZHAOYAN:-target/release/zhaoyan}
pages=http://127.0.0.1:8080
sandbox=http://127.0.0.1:8090
export ZHAOYAN_CONFIG=deploy/try/zhaoyan.toml
mkdir -p run/log

for port in 8080 8090; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "run: something listens on port $port already; end it (another \`make run\`?) and run again." >&2
    exit 1
  fi
done

[ -f run/keys.toml ] || "$zhaoyan" keys new run/keys.toml --id try >/dev/null
"$zhaoyan" exam-session set deploy/try/exam-session.toml >/dev/null

# The first account of the console, made once; for trying out its password and second factor lie beside the database.
if [ ! -f run/console.json ]; then
  (umask 077 && "$zhaoyan" staff add admin --role administrator --json 2>/dev/null >run/console.json) || rm -f run/console.json
fi

children=()
end() {
  trap - INT TERM EXIT
  echo
  echo "run: ending what was started"
  [ ${#children[@]} -eq 0 ] || kill -TERM "${children[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
}
trap end EXIT
trap 'exit 0' INT TERM

# In sessions of their own, so that Ctrl-C reaches this script alone and the children end in good order.
start() {
  local name=$1; shift
  setsid "$zhaoyan" "$@" >"run/log/$name.log" 2>&1 &
  children+=($!)
}
start sandbox sandbox --data run/sandbox --journey-url "$pages"
start serve serve
start worker worker

answers() { python3 - "$1" "$2" <<'PY'
import sys, urllib.request
try:
    body = urllib.request.urlopen(sys.argv[1], timeout=3).read().decode()
except Exception:
    sys.exit(1)
sys.exit(0 if sys.argv[2] in body else 1)
PY
}
wait_for() {
  for _ in $(seq 300); do
    answers "$2" "$3" && return
    for child in "${children[@]}"; do
      kill -0 "$child" 2>/dev/null || { tail -n 5 run/log/*.log >&2; echo "run: a process ended; its log is above" >&2; exit 1; }
    done
    sleep 0.2
  done
  tail -n 5 run/log/*.log >&2
  echo "run: $1 does not answer; the logs are above" >&2
  exit 1
}
wait_for "the server" "$pages/readyz" ""
# Its register of drawn faces goes on filling; who asks before it is full waits for it.
wait_for "the sandbox" "$sandbox/healthz" '"ok":true'

python3 - "$sandbox" "$pages" <<'PY'
import json, sys, urllib.request
sandbox, pages = sys.argv[1:]
people = json.load(urllib.request.urlopen(sandbox + "/sandbox/api/candidates"))
first = next(p for p in people if p["planted"] == "none")
try:
    access = json.load(open("run/console.json"))
    office = f"{access['account']}  {access['password']}"
except OSError:
    office = "zhaoyan staff add NAME --role administrator"
print(f"""
照验 Zhaoyan 已启动 · is running

  采集页面 pages               {pages}
  登录手机号 log in with        {first['phone']}   ({first['level']})
  工作台 console               {pages}/console/
    账号和密码 account, password {office}
    动态码 code                 python3 scripts/code.py run/console.json
  沙箱 sandbox                 {sandbox}
    其他考生 more candidates    {sandbox}/  ({len(people)}, 含不一致 some with discrepancies)
    短信验证码 SMS codes         {sandbox}/sandbox/outbox
    样本图片 specimen pictures   {sandbox}/sandbox/candidates/{first['id']}
  日志 logs                    run/log/

按 Ctrl-C 停止 · Ctrl-C ends all of it
""")
PY
wait -n "${children[@]}" || true
echo "run: a process ended; see run/log/" >&2
exit 1
