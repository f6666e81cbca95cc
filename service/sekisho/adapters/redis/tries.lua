-- A key's tries are one string: records of the same width, oldest first, each of
--   6 bytes Unix ms, 8 bytes try id, 1 byte reissue digit + 1 (0: none), 1 byte rank,
--   then 5 bytes for each attribute that the key's dimension counts (zeros: absent).
-- The rank is how many keys the try had: evidence only ever adds some, so of two records of one
-- try the higher rank is the later one, in whatever order they arrive.
-- One string costs half the memory of a sorted set of one, and one read and one write a key.
local byte, sub, find = string.byte, string.sub, string.find
local ID, DIGIT, RANK = 6, 14, 15

local function time_at(value, at)
  local a, b, c, d, e, f = byte(value, at, at + 5)
  return ((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f
end

-- Where the record of a try begins in `value`; nil where it has none.
local function place_of(value, width, id)
  local from = 1 + ID
  while true do
    local found = find(value, id, from, true)
    if not found then return nil end
    if (found - 1 - ID) % width == 0 then return found - ID end
    from = found + 1
  end
end

-- The tries in `value` with `record` among them: without those as old as `oldest`, at most the
-- newest `most`, and a try that was there keeps its time.
local function with_try(value, width, record, oldest, most)
  if value == '' then return time_at(record, 1) > oldest and record or '' end
  if #value % width ~= 0 then error('a key of tries holds something else') end
  local first = 1
  while first <= #value and time_at(value, first) <= oldest do first = first + width end
  if first > 1 then value = sub(value, first) end
  local there = place_of(value, width, sub(record, 1 + ID, ID + 8))
  if there then
    if byte(record, 1 + RANK) < byte(value, there + RANK) then return value end
    local kept = sub(value, there + ID, there + width - 1)
    if kept == sub(record, 1 + ID) then return value end
    return sub(value, 1, there + ID - 1) .. sub(record, 1 + ID) .. sub(value, there + width)
  end
  local at = time_at(record, 1)
  if at <= oldest then return value end
  local after = #value + 1
  while after > 1 and time_at(value, after - width) > at do after = after - width end
  value = sub(value, 1, after - 1) .. record .. sub(value, after)
  return #value > most * width and sub(value, #value - most * width + 1) or value
end

local function keep(key, value, width, retention, now)
  if value == '' then
    redis.call('DEL', key)
  else
    local left = time_at(value, #value - width + 1) + retention - now
    redis.call('SET', key, value, 'PX', left)
  end
end
