-- Records one try in all of its keys and reads all that its assessment needs: one call.
-- KEYS: per item a tries key and a marks key; the line; per tag a coverage mark and a
-- watchlist mark; per watched fingerprint a bucket.
-- ARGV: a nonce, the try's member, a cmsgpack table of numbers (which knows no binary strings), and
-- per watched fingerprint its field.
local nonce, member = ARGV[1], ARGV[2]
local a = cmsgpack.unpack(ARGV[3])
local now, at, windows, items, tags = a[1], a[2], a[6], a[7], a[8]
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
if math.abs(clock - now) > a[3] then
  return {nonce, 'skewed'}
end
local record, expiry = a[4] == 1, a[5]
local try_id = string.sub(member, 1, 8)
local ABSENT = '\0\0\0\0\0'
local size = #windows
local rows = {}

local function cumulated(row)
  for i = 2, size do row[i] = row[i] + row[i - 1] end
  return row
end

local function zeros()
  local row = {}
  for i = 1, size do row[i] = 0 end
  return row
end

local function window_of(age)
  for i = 1, size do
    if age < windows[i] then return i end
  end
  return nil
end

-- Evidence may give a try other attributes: its old member goes, its time stays.
local function earlier_member(key)
  if at == now then return nil end
  for _, value in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if string.sub(value, 1, 8) == try_id then return value end
  end
  return nil
end

for n, item in ipairs(items) do
  local tries_key, marks_key = KEYS[2 * n - 1], KEYS[2 * n]
  local retention, attributes = item[1], item[2]
  local oldest = now - retention
  local score = redis.call('ZSCORE', tries_key, member)
  local own = score and tonumber(score)
  if not own then
    local before = earlier_member(tries_key)
    own = before and tonumber(redis.call('ZSCORE', tries_key, before))
    if record then
      if before then redis.call('ZREM', tries_key, before) end
      redis.call('ZADD', tries_key, own or at, member)
      redis.call('ZREMRANGEBYSCORE', tries_key, '-inf', oldest)
      redis.call('ZREMRANGEBYRANK', tries_key, 0, -a[9] - 1)
      redis.call('PEXPIRE', tries_key, retention)
    end
  end
  own = own or at

  local counts, nearest, reissue = zeros(), {}, -1
  for i = 1, #attributes do nearest[i] = {} end
  if #attributes == 0 then
    -- Nothing distinct is asked of a shop, the busiest key of all: counting needs no reading.
    for i, window in ipairs(windows) do
      if window <= retention then
        counts[i] = redis.call('ZCOUNT', tries_key, '(' .. now - window, '+inf')
        if not record and not score and now - own < window then counts[i] = counts[i] + 1 end
      else
        counts[i] = counts[i - 1]
      end
    end
  else
    local function count(value, age)
      local window = window_of(age)
      if not window then return end
      counts[window] = counts[window] + 1
      for i, attribute in ipairs(attributes) do
        local from = 9 + 5 * attribute
        local part = string.sub(value, from, from + 4)
        if part ~= ABSENT and (nearest[i][part] or size + 1) > window then
          nearest[i][part] = window
        end
      end
    end
    count(member, now - own)
    local kept = redis.call('ZRANGEBYSCORE', tries_key, '(' .. oldest, '+inf', 'WITHSCORES')
    for i = 1, #kept, 2 do
      local value = kept[i]
      if string.sub(value, 1, 8) ~= try_id then
        count(value, now - tonumber(kept[i + 1]))
        local digit = string.byte(value, 49)
        if digit < 255 and digit > reissue then reissue = digit end
      end
    end
    cumulated(counts)
  end
  local distinct = {}
  for i = 1, #attributes do
    local row = zeros()
    for _, window in pairs(nearest[i]) do row[window] = row[window] + 1 end
    distinct[i] = cumulated(row)
  end

  local marks, opened, closed = {}, {}, {}
  local failed, completed = 0, 0
  for i = 1, 4 do marks[i] = zeros() end
  local marked = redis.call('ZRANGEBYSCORE', marks_key, '(' .. oldest, '+inf', 'WITHSCORES')
  for i = 1, #marked, 2 do
    local kind, id, score = string.byte(marked[i], 1), string.sub(marked[i], 2), tonumber(marked[i + 1])
    -- What became of this very try says nothing about the others.
    local window = id ~= try_id and window_of(now - score)
    if kind <= 4 and window then marks[kind][window] = marks[kind][window] + 1 end
    if kind == 1 and now - score < expiry then opened[id] = true end
    if kind ~= 1 then closed[id] = true end
    if kind == 2 and score > failed then failed = score end
    if kind == 3 and score > completed then completed = score end
  end
  for i = 1, 4 do cumulated(marks[i]) end
  local open = 0
  for id in pairs(opened) do
    if not closed[id] and id ~= try_id then open = open + 1 end
  end
  rows[n] = {counts, distinct, marks, open, failed, completed, reissue}
end

local next_key = 2 * #items + 1
local line = redis.call('GET', KEYS[next_key])
local coverage, lists = {}, {}
for i = 1, tags do
  coverage[i] = redis.call('GET', KEYS[next_key + 2 * i - 1])
  lists[i] = redis.call('GET', KEYS[next_key + 2 * i])
end
local first = next_key + 2 * tags
local held = {}
for i = 1, #ARGV - 3 do
  held[i] = redis.call('HEXISTS', KEYS[first + i], ARGV[i + 3])
end
return {nonce, cmsgpack.pack(rows), line, coverage, lists, held}
