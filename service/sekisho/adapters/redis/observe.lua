-- Records one try in its keys and reads what its assessment needs: one call, or one a tag.
-- KEYS: n tries keys; the line and the try's journaled key; m coverage marks; v watchlist marks;
--   n marks keys; w buckets.
-- ARGV: 1 nonce, 2 now, 3 skew allowed, 4 since when a mark must have followed the ledger,
--   5 expiry of step-ups, 6 '1' to record, 7 most tries, 8 windows (cmsgpack, shortest first), 9 n,
--   10 m, 11 v, 12 w, 13 which coverage mark is the line's (0: neither line nor journaled key is
--   among KEYS), then per tries key its description and its record, then per bucket the field.
-- A description: 1 byte attributes counted, 1 byte kinds of marks counted (a bit each), 1 byte
--   which coverage mark is its own, then 6 bytes retention in ms.
-- Answer: the nonce; 'skewed', or a cmsgpack row of numbers (answer.py reads it); the line;
--   '1' or '0' per bucket; each different watchlist mark.
local call = redis.call
local now = tonumber(ARGV[2])
local time = call('TIME')
if math.abs(time[1] * 1000 + math.floor(time[2] / 1000) - now) > tonumber(ARGV[3]) then
  return {ARGV[1], 'skewed'}
end
local fresh, latest = tonumber(ARGV[4]), now + tonumber(ARGV[3])
local expiry = now - tonumber(ARGV[5])
local record, most, windows = ARGV[6] == '1', tonumber(ARGV[7]), cmsgpack.unpack(ARGV[8])
local n, m, v, w = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local W, ABSENT, KIND = #windows, '\0\0\0\0\0', 17592186044416
local line = tonumber(ARGV[13])
local coverage_from = n + (line > 0 and 2 or 0)
local lists_from, marks_from, args = coverage_from + m, coverage_from + m + v, 13
local buckets_from = marks_from + n

local read = call('MGET', unpack(KEYS, 1, marks_from))
local covered = {}
for i = 1, m do
  local mark = read[coverage_from + i]
  local applied = mark and time_at(mark, 7) or 0
  -- A moment that is still to come was written while a clock was ahead: it says nothing.
  covered[i] = applied >= fresh and applied <= latest and time_at(mark, 1) or -1
end

local out, size = {0, covered[line] or -1, line > 0 and read[n + 2] and 1 or 0}, 3
local function put(value)
  size = size + 1
  out[size] = value
end
-- What is new in each window, as what there is in it.
local function put_sums(row)
  local sum = 0
  for i = 1, W do
    sum = sum + row[i]
    put(sum)
  end
end
local function zeros()
  local row = {}
  for i = 1, W do row[i] = 0 end
  return row
end

-- Where the first try newer than `since` begins.
local function newer_than(value, width, since)
  local low, high = 0, #value / width
  while low < high do
    local middle = math.floor((low + high) / 2)
    if time_at(value, middle * width + 1) > since then high = middle else low = middle + 1 end
  end
  return low * width + 1
end

-- The try itself counts in every window, however long ago it was first made. Of the others, the
-- newest that has a value decides in which windows that value is seen: from there backwards.
local function put_tries(value, width, attributes, own, id)
  local mine, begins = place_of(value, width, id) or 0, {}
  for i = 1, W do begins[i] = newer_than(value, width, now - windows[i]) end
  local distinct, seen, reissue, window = {}, {}, 0, 1
  for i = 1, attributes do
    local part = sub(own, 12 + 5 * i, 16 + 5 * i)
    distinct[i], seen[i] = zeros(), {[ABSENT] = true, [part] = true}
    if part ~= ABSENT then distinct[i][1] = 1 end
  end
  if attributes > 0 then
    for at = #value - width + 1, begins[W], -width do
      while at < begins[window] do window = window + 1 end
      if at ~= mine then
        local digit = byte(value, at + DIGIT)
        if digit > reissue then reissue = digit end
        for i = 1, attributes do
          local from = at + 11 + 5 * i
          local part, known = sub(value, from, from + 4), seen[i]
          if not known[part] then
            known[part] = true
            distinct[i][window] = distinct[i][window] + 1
          end
        end
      end
    end
  end
  put(reissue)
  for i = 1, W do
    local others = (#value + 1 - begins[i]) / width
    put(mine >= begins[i] and others or others + 1)
  end
  for i = 1, attributes do put_sums(distinct[i]) end
end

-- A key's marks are a sorted set: a member is the kind's number and the try id, its score the
-- kind * 2^44 + Unix ms. Each kind is then a range, and counting does not depend on how many.
local function bound(kind, at) return string.format('%.0f', kind * KIND + at) end
local function put_marks(key, kinds, retention, id)
  local mine = call('ZMSCORE', key, '0' .. id, '1' .. id, '2' .. id, '3' .. id)
  for kind = 0, 3 do
    if math.floor(kinds / 2 ^ kind) % 2 == 1 then
      local upper, row, latest = bound(kind, KIND - 1), zeros(), 0
      local own = mine[kind + 1] and tonumber(mine[kind + 1]) - kind * KIND
      for i = W, 1, -1 do
        local found = call('ZCOUNT', key, '(' .. bound(kind, now - windows[i]), upper)
        -- What became of this very try says nothing about the others.
        if own and own > now - windows[i] then found = found - 1 end
        if found == 0 then break end
        row[i] = found
      end
      for i = 1, W do put(row[i]) end
      if kind == 1 or kind == 2 then
        local last = call('ZREVRANGEBYSCORE', key, upper, '(' .. bound(kind, now - retention),
          'WITHSCORES', 'LIMIT', 0, 1)
        if last[2] then latest = tonumber(last[2]) - kind * KIND end
        put(latest)
      end
    end
  end
  local opened = call('ZREVRANGEBYSCORE', key, bound(0, KIND - 1), '(' .. bound(0, expiry),
    'LIMIT', 0, most)
  local open = 0
  for _, member in ipairs(opened) do
    local other = sub(member, 2)
    if other ~= id then
      local ended = call('ZMSCORE', key, '1' .. other, '2' .. other, '3' .. other, '4' .. other)
      if not (ended[1] or ended[2] or ended[3] or ended[4]) then open = open + 1 end
    end
  end
  put(open)
end

for i = 1, n do
  local description, own = ARGV[args + 2 * i - 1], ARGV[args + 2 * i]
  local attributes, kinds, mark = byte(description, 1, 3)
  local retention, width, before = time_at(description, 4), 16 + 5 * attributes, read[i] or ''
  local id = sub(own, 1 + ID, ID + 8)
  local value = with_try(before, width, own, now - retention, most)
  if record and value ~= before then keep(KEYS[i], value, width, retention, now) end
  put(covered[mark])
  -- Most often nobody else was here.
  if #value == width and sub(value, 1 + ID, ID + 8) == id then
    put(-1)
  else
    put_tries(value, width, attributes, own, id)
  end
  local marks = KEYS[marks_from + i]
  if call('EXISTS', marks) == 1 then
    put(1)
    put_marks(marks, kinds, retention, id)
  else
    put(0)
  end
end

local held = {}
for i = 1, w do
  held[i] = call('HEXISTS', KEYS[buckets_from + i], ARGV[args + 2 * n + i])
end
local answer, different = {ARGV[1], false, line > 0 and read[n + 1], table.concat(held)}, {}
for i = 1, v do
  local mark = read[lists_from + i]
  if not mark then
    out[1] = 1
  elseif not different[mark] then
    different[mark] = true
    answer[#answer + 1] = mark
  end
end
answer[2] = cmsgpack.pack(out)
return answer
