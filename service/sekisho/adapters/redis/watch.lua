-- Adds fields to buckets, or removes them. A field's value is the numbers of the lists that hold
-- it, two bytes each. ARGV: '1' to add or '0' to remove, the list's number, then a field per key.
local add, list = ARGV[1] == '1', ARGV[2]
for i, key in ipairs(KEYS) do
  local field = ARGV[i + 2]
  -- Most often a field is new.
  if not add or redis.call('HSETNX', key, field, list) == 0 then
    local held, at = redis.call('HGET', key, field) or '', nil
    for from = 1, #held, 2 do
      if string.sub(held, from, from + 1) == list then at = from end
    end
    if add and not at then
      redis.call('HSET', key, field, held .. list)
    elseif at and not add then
      local left = string.sub(held, 1, at - 1) .. string.sub(held, at + 2)
      if left == '' then
        redis.call('HDEL', key, field)
      else
        redis.call('HSET', key, field, left)
      end
    end
  end
end
return #KEYS
