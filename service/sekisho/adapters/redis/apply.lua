-- Writes tries and marks as the ledger has them: idempotent, in any order.
-- KEYS: tries keys, then marks keys.
-- ARGV: 1 now, 2 most tries, 3 how many tries keys, then per tries key the width of a record (1
--   byte), the retention (6 bytes) and its records; then per marks key the retention (6 bytes)
--   and its marks: 1 byte kind as a digit, 8 bytes try id, 6 bytes Unix ms.
local call = redis.call
local now, most, tries = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local KIND, MOST_WORDS, MANY = 17592186044416, 2000, 32

local stored = tries > 0 and call('MGET', unpack(KEYS, 1, tries))
for i = 1, tries do
  local rows, before = ARGV[3 + i], stored[i] or ''
  local width, retention, value = byte(rows, 1), time_at(rows, 2), before
  for from = 8, #rows, width do
    value = with_try(value, width, sub(rows, from, from + width - 1), now - retention, most)
  end
  if value ~= before then keep(KEYS[i], value, width, retention, now) end
end

for i = tries + 1, #KEYS do
  local rows, key = ARGV[3 + i], KEYS[i]
  local retention, latest, add = time_at(rows, 1), 0, {}
  -- Of two times of one mark the later one counts, in whatever order they arrive.
  local function flush()
    if #add > 0 then call('ZADD', key, 'GT', unpack(add)) end
    add = {}
  end
  for from = 7, #rows, 15 do
    local kind, at = byte(rows, from) - 48, time_at(rows, from + 9)
    if at > now - retention then
      add[#add + 1] = string.format('%.0f', kind * KIND + at)
      add[#add + 1] = sub(rows, from, from + 8)
      latest = math.max(latest, at)
      if #add > MOST_WORDS then flush() end
    end
  end
  flush()
  if latest > 0 then
    local left = latest + retention - now
    -- Most often the key is a new one, which has no end yet.
    if call('PEXPIRE', key, left, 'NX') == 0 then
      call('PEXPIRE', key, left, 'GT')
      -- No window counts what is too old: it only must not gather.
      if call('ZCARD', key) > MANY then
        for kind = 0, 4 do
          call('ZREMRANGEBYSCORE', key, string.format('%.0f', kind * KIND),
            string.format('%.0f', kind * KIND + now - retention))
        end
      end
    end
  end
end
return #KEYS
